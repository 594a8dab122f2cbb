"""Adam of PyTorch on the suite's network: in float64 with full batches the trajectory of the suite's own `adam`, to rounding.
With `batch_size` the batches are drawn by torch.randperm from the run's seed: not those that the suite's methods see."""

import admmbench
import torch

ACTIVATIONS = {"relu": torch.nn.ReLU, "leaky_relu": torch.nn.LeakyReLU, "identity": torch.nn.Identity, "tanh": torch.nn.Tanh,
               "sigmoid": torch.nn.Sigmoid}


class Adam(admmbench.Solver):
    parameters = {"learning_rate": 1e-3, "batch_size": None}  # None: all samples

    def initialise(self, problem):
        torch.set_num_threads(problem.threads)
        self.x, self.targets = torch.from_numpy(problem.x), torch.from_numpy(problem.targets)
        self.size = problem.params.batch_size or problem.N
        self.order = torch.Generator().manual_seed(problem.seed)
        self.layers = [torch.nn.Linear(*W.shape[::-1], dtype=self.x.dtype) for W in problem.W]
        for layer, W, b in zip(self.layers, problem.W, problem.b):
            # The shared memory itself: Adam updates it in place.
            layer.weight, layer.bias = (torch.nn.Parameter(torch.from_numpy(array)) for array in (W, b))
        hidden = [module for layer in self.layers[:-1] for module in (layer, ACTIVATIONS[problem.activation]())]
        self.network = torch.nn.Sequential(*hidden, self.layers[-1])
        self.adam = torch.optim.Adam(self.network.parameters(), lr=problem.params.learning_rate)

    def loss(self, rows):
        z, y = self.network(self.x[rows]), self.targets[rows]
        if self.problem.loss == "squared":
            return 0.5 * (z - y).square().sum() / len(y)
        return torch.nn.functional.cross_entropy(z, y)

    def step(self):
        n = self.problem.N
        order = torch.randperm(n, generator=self.order).split(self.size) if self.size < n else [slice(None)]
        for rows in order:
            self.adam.zero_grad()
            self.loss(rows).backward()
            self.adam.step()

    def weights(self):
        return [layer.weight for layer in self.layers], [layer.bias for layer in self.layers]


if __name__ == "__main__":
    admmbench.serve(Adam)
