"""A solver to start from: gradient descent. `admmbench run compare.yaml` runs it beside others, and
`python3 -c "import admmbench, own; admmbench.check(own.Own)"` by itself."""

import admmbench


class Own(admmbench.Solver):
    parameters = {"lr": 0.1}  # what may stand in `params`, with defaults

    def initialise(self, problem):
        pass  # self.problem is problem; its W and b hold the initial point

    def step(self):
        p = self.problem
        self.loss, gW, gb = p.train_loss_and_gradients()
        for l in range(p.L):
            p.W[l] -= p.params.lr * gW[l]
            p.b[l] -= p.params.lr * gb[l]


if __name__ == "__main__":
    admmbench.serve(Own)
