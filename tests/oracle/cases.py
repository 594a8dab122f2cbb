"""The cases of tests/oracle/check.py: for every solver a grid over network, loss, activation and its parameters. The grids
are products, so that a stride prime to their sides still meets every entry of each."""

import itertools

ACTIVATIONS = ["relu", "leaky_relu", "identity", "tanh", "sigmoid"]
LOSSES = ["cross_entropy", "squared"]
SHAPES = [[5, 6, 3], [5, 7, 6, 3], [60, 8, 6, 5, 3]]  # 2, 3, 4 layers; the last has more features than samples
SAMPLES, TEST_SAMPLES = 24, 10
ITERATES = [0, 1, 2, 5, 8]
SEED = 3

STEPS = [{"rule": "exact"}, {"rule": "backtracking", "initial": 0.5, "growth": 2.0},
         {"rule": "backtracking", "initial": 0.01, "growth": 3.0}, {"rule": "lipschitz"}]
# A larger weight would leave no weight at all where the first tau is small.
REGULARIZERS = [{"kind": "none"}, {"kind": "l1", "weight": 5e-4}, {"kind": "non_negative"}, {"kind": "sparse", "share": 0.35},
                {"kind": "levels", "spacing": 0.4, "levels": 5}]
RISE = {"kind": "released", "patience": 1, "factor": 3.0, "cap": 0.05}
BANDS = [
    dict(rho=1e-3, mu=0.05, eps=dict(initial=100.0, factor=0.5, floor=0.001)),
    dict(rho=1.0, eps=dict(initial=0.1, factor=1.0, floor=0.001)),
    dict(rho=0.1, mu=0.01, eps=dict(initial=1.0, factor=0.2, floor=0.01)),
    dict(rho=0.5, eps=dict(initial=1.0, factor=0.5, floor=0.01), bias=False),
    dict(rho=2.0, mu=0.1, eps=dict(initial=0.3, factor=0.5, floor=0.001)),
    dict(rho=2.0, mu=0.1, eps=dict(initial=0.3, factor=0.5, floor=0.001), decay="gradient"),
    dict(rho=1e-3, mu=0.05, eps=dict(initial=100.0, factor=0.5, floor=0.001), decay="gradient"),
]
PENALTIES = [
    dict(rho=1.0, nu=1.0), dict(rho=5.0, nu=0.5, mu=0.05), dict(rho=1e-2, nu=1e-1), dict(rho=1.0, nu=0.1),
    dict(rho=0.3, nu=0.3, mu=0.05), dict(rho=1e-2, nu=1e-2), dict(rho=0.05, nu=2.0, mu=0.5),
]
# Of pdadmm_g: a drop per iteration that some cases reach once and then no more.
CONTINUATIONS = [
    {"kind": "constant"}, {"kind": "released", "after": 1, "drop": 0.3, "factor": 2.0, "cap": [0.5]},
    {"kind": "released", "after": 2, "drop": 0.1}, {"kind": "released", "after": 1, "drop": 0.03},
    {"kind": "released", "after": 3, "drop": 0.01, "factor": 3.0, "cap": [0.01]},
]
LEVELS = [
    {"kind": "uniform", "low": -1.0, "high": 3.0, "levels": 81}, {"kind": "bits", "low": -2.0, "high": 4.0, "bits": 7},
    {"kind": "list", "values": [-1.0, -0.4, -0.1, 0.0, 0.05, 0.11, 0.2, 0.4, 0.6, 0.8, 1.0, 1.7, 3.0]},
    {"kind": "uniform", "low": -1.0, "high": 2.0, "levels": 1000}, {"kind": "bits", "low": -1.0, "high": 2.0, "bits": 12},
]

BATCHES = ["full", 10, 8, 7, 25]  # 24 samples: 10, 10, 4; 8, 8, 8; 7, 7, 7, 3; all of them
SCHEDULES = [{"shape": "constant"}, {"shape": "linear"}, {"shape": "half", "epochs": 5}, {"shape": "cosine", "epochs": 10},
             {"shape": "cosine", "warm_up": 1.5}]
BASELINES = {
    "sgd": [dict(learning_rate=0.1), dict(learning_rate=0.01, momentum=0.9, mu=0.01),
            dict(learning_rate=0.01, momentum=0.8, nesterov=True),
            dict(learning_rate=0.1, regularizer={"kind": "l1", "weight": 0.01}),
            dict(learning_rate=0.05, momentum=0.8, mu=0.01, regularizer={"kind": "sparse", "share": 0.35}),
            dict(learning_rate=0.5, regularizer={"kind": "levels", "spacing": 0.1, "levels": 30})],
    "adam": [{}, dict(learning_rate=0.01, beta1=0.8, beta2=0.99, epsilon=1e-6, mu=0.1),
             dict(learning_rate=0.01, mu=0.2, decoupled=True),
             dict(learning_rate=0.01, regularizer={"kind": "l1", "weight": 0.01}),
             dict(learning_rate=0.02, regularizer={"kind": "non_negative"}),
             dict(learning_rate=0.1, regularizer={"kind": "levels", "spacing": 0.1, "levels": 30})],
    "adagrad": [{}, dict(learning_rate=0.1, mu=0.1), dict(learning_rate=0.02, epsilon=1e-3)],
    "adadelta": [{}, dict(learning_rate=0.5, rho=0.8, epsilon=1e-5), dict(mu=0.1)],
    "rmsprop": [{}, dict(learning_rate=1e-3, alpha=0.9, mu=0.1), dict(learning_rate=1e-3, momentum=0.6)],
    "mono_forward": [{}, dict(learning_rate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-6, mu=0.1)],
    "proxprop": [dict(learning_rate=0.3), dict(tau=2.0, learning_rate=0.1, momentum=0.5, nesterov=False),
                 dict(tau=0.5, learning_rate=0.5, momentum=0.0)],
    "am_adam": [{}, dict(learning_rate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-6, penalty=0.1, code_steps=2, code_rate=1.0,
                         code_momentum=0.5)],
    "nadamw": [{}, dict(learning_rate=0.02, beta1=0.8, beta2=0.99, epsilon=1e-6, mu=0.2)],
    "muon": [{}, dict(learning_rate=0.1, momentum=0.8, nesterov=False, mu=0.1),
             dict(first_layer=False, adam_learning_rate=0.01, beta1=0.8, beta2=0.99, epsilon=1e-6)],
    # In the direction that no gradient has, rounding is divided by epsilon.
    "soap": [dict(epsilon=1e-5), dict(learning_rate=0.02, beta1=0.8, beta2=0.9, epsilon=1e-4, mu=0.1, refresh=2),
             dict(beta_shampoo=0.7, refresh=3, largest=4, epsilon=1e-5)],
    "kfac": [dict(learning_rate=0.05), dict(fisher="empirical", observe=1, refresh=1, mu=0.05),
             dict(observe=2, refresh=3, keep=0.7, damping=0.1, kl_clip=10.0, momentum=0.5)],
}


def product(*sides):
    """Dictionaries, one of each side, merged."""
    for chosen in itertools.product(*sides):
        merged = {}
        for part in chosen:
            merged |= part
        yield merged


def named(name, values):
    return [{name: value} for value in values]


def dladmm():
    penalties = [dict(rho=1.0, nu=1.0), dict(rho=0.3, nu=2.0, mu=0.05), dict(rho=1e-3, nu=1e-2, sweep="forward"),
                 dict(rho=1e-3, nu=1e-2, rho_rule=RISE), dict(rho=1e-2, nu=1.0, bias=False, rho_rule=RISE | {"patience": 2})]
    return product(named("step", STEPS), named("regularizer", REGULARIZERS), penalties)


def last_layer():
    return product(named("step", STEPS), [dict(rho=1.0, nu=1.0), dict(rho=0.3, nu=2.0, mu=0.05), dict(rho=1e-2, nu=0.1)])


def mdlam():
    return product(named("step", STEPS), named("regularizer", REGULARIZERS), BANDS)


def pdadmm():
    return product(named("step", STEPS), named("regularizer", REGULARIZERS), PENALTIES,
                   named("z_branch", ["three_terms", "two_terms"]))


def staged(layers):
    """Settings of the stages that end with so many layers."""
    deep = [{}, {"stages": [2, layers], "stage_iterations": [3]}] if layers > 2 else [{}]
    if layers > 3:
        deep.append({"stages": [2, 3, layers], "stage_iterations": [2, 3, 9], "stage_rho": [0.1, 0.5, 1.0],
                     "stage_mu": [0.0, 0.1, 0.01]})
        deep.append({"stages": [3, layers], "stage_iterations": [4], "stage_rho": [0.3]})
    return deep


def risen_by_stage(stages):
    """A continuation with a value for every stage."""
    count = len(stages.get("stages", [0]))
    return {"kind": "released", "factor": 2.0, "after": [1, 2, 1][:count], "drop": [0.3, 0.02, 0.2][:count],
            "cap": [0.3, 0.9, 1.5][:count]}


def pdadmm_g(layers):
    risen = list(product(named("continuation", CONTINUATIONS), staged(layers)))
    risen += [stages | {"continuation": risen_by_stage(stages)} for stages in staged(layers)]
    return product(named("step", STEPS[:3]), risen,
                   [dict(rho=0.05, nu=0.05), dict(rho=1e-3, nu=1e-3, mu=0.01), dict(rho=1.0, nu=0.2)])


def pdadmm_gq(layers):
    # Where p is a level and f(z) one, too (0, or behind a hand-over), round numbers rho and nu, and rho = nu above all, put q
    # half way between two levels, and rounding would decide: nu is odd, and rho not raised where p and q are both quantised.
    settings = [dict(rho=0.05, nu=0.0371) | {name: value for name, value in stages.items() if name != "stage_rho"}
                for stages in staged(layers)]
    settings += [dict(rho=1.0, nu=0.2371, mu=0.01), dict(rho=0.02, nu=0.0171, continuation=CONTINUATIONS[2])]
    quantized = [{"quantize": variables} | params for variables, params in itertools.product(["p", "pq", "q"], settings)
                 if variables != "pq" or "continuation" not in params]
    yield from product(named("step", STEPS), named("delta", LEVELS), quantized)


def aa_dladmm():
    bases = [
        dict(base="dladmm", base_params=dict(rho=5.0, nu=1.0, mu=0.01)),
        dict(base="pdadmm", base_params=dict(rho=5.0, nu=1.0, mu=0.01, step={"rule": "exact"})),
        dict(base="dlam", base_params=dict(rho=1.0, mu=0.01, eps=dict(initial=0.4, factor=0.5, floor=0.2))),
        dict(base="dladmm", base_params=dict(rho=0.1, nu=0.5, step={"rule": "exact"})),
        dict(base="pdadmm", base_params=dict(rho=1.0, nu=0.2)),
    ]
    histories = [dict(m=1), dict(m=3), dict(m=8, min_length=2), dict(m=0), dict(m=4, interval=2), dict(m=2, weight_cap=0.5)]
    scales = [("square", 1e-10), ("square", 1e-3), ("product", 1e-6), ("absolute", 1e-4), ("adaptive", 1e-3)]
    rules = [{}, {"safeguard": {"rule": "summable"}}, {"variables": "weights"}, {"safeguard": {"merit": "residual"}}]
    return product(bases, named("type", [1, 2]), histories,
                   named("regularization", [dict(scale=scale, value=value) for scale, value in scales]), rules)


def admm_taylor():
    return product(named("beta", [1.0, 0.3]), named("gamma", [10.0, 1.0, 0.2]),
                   [dict(warm_up=2), dict(multiplier=False), dict(warm_up=0, growth=1.3, cap=1.2)])


def gram_tp():
    rules = [{"rule": "fixed", "eta": [1.5, 0.7, 0.3]}, {"rule": "relative"}, {"rule": "relative", "length": 0.3},
             {"rule": "majorised", "relaxation": 1.3}, {"rule": "fixed", "eta": [60.0, 20.0]}]
    settings = [
        dict(safeguard={"on": False}, momentum=0.0), dict(mu=0.01, refresh=7, observe=3),
        dict(c=0.3, lam=0.1, eps_input=10.0, eps=1.0, mu=0.05, momentum=0.8, refresh=4, observe=2, keep=0.5),
        dict(safeguard={"window": 3, "rise": 1.05, "slack": 0.01}, refresh=5, observe=1),
        dict(train="last_layer"), dict(train="hidden", mu=0.02),
    ]
    return product(named("batch_size", BATCHES), named("step", rules), settings, named("schedule", SCHEDULES))


def gorth():
    # Steps long enough, and observed often enough, for rounding in a wrong place to show within the iterations compared.
    settings = [
        dict(), dict(label_smoothing=0.0, momentum=0.0, refresh=7, observe=3, target_refresh=5),
        dict(c=0.3, lam=0.1, eps_input=3.0, eps=1.0, step={"length": 0.05}, momentum=0.8, refresh=4, observe=2, keep=0.5,
             target_refresh=3, output_root=dict(every=3, refresh=6, damping=0.2, keep=0.5)),
        dict(step={"length": 0.4}, head={"learning_rate": 0.1}, safeguard={"window": 3, "rise": 1.05, "slack": 0.01}, refresh=5,
             observe=1),
        dict(step={"rule": "majorised", "relaxation": 1.3}),
        dict(head={"rule": "whitened", "length": 0.03}, mu=0.02, refresh=4, observe=2, output_root=dict(every=3, refresh=6)),
        dict(output_root=dict(every=4, refresh=12), safeguard={"on": False},
             head={"learning_rate": 0.01, "beta1": 0.8, "beta2": 0.99, "epsilon": 1e-5}, mu=0.01),
    ]
    return product(named("batch_size", BATCHES), named("signal", ["targets", "gradient"]), settings, named("schedule", SCHEDULES))


def baseline(solver):
    return product(named("batch_size", BATCHES), named("schedule", SCHEDULES), BASELINES[solver])


def schedule_free():
    return product(named("batch_size", BATCHES),
                   [{}, dict(learning_rate=0.05, beta1=0.7, beta2=0.9, mu=0.1), dict(warm_up=5, r=1.0, epsilon=1e-4)])


def bcd():
    yield from product(named("gamma", [1.0, 0.3]), named("rho", [1.0, 2.0]), named("alpha", [5.0, 0.01]))
    yield from product(named("gamma", [1.0, 0.3]), named("alpha", [5.0, 0.01]), [dict(splitting="two")])
    yield dict(splitting="two", halvings=2)


def sigmoid_admm():
    return product(named("beta", [1.0, 5.0]), named("lam", [1e-2, 1.0]))


def mac():
    penalties = [{"factor": 1.0}, {"initial": 0.5, "factor": 3.0, "every": 2}, {"tolerance": 0.05, "cap": 50.0}]
    return product(named("a_step", ["gauss_seidel", "joint"]), named("penalty", penalties),
                   [dict(lam=1e-2), dict(lam=1.0, output_steps=1), dict(lam=0.1, halvings=2)])


def badm():
    return product(named("batch_size", BATCHES), named("workers", [4, 1, 3]), [{}, {"sigma": 30.0, "rho": 5.0, "lambda": 0.5}])


def sisa():
    return product(named("batch_size", BATCHES), named("workers", [4, 1, 3]),
                   [{}, {"sigma": 20.0, "rho": 5.0, "beta": 0.9, "lambda": 0.5}])


def nsisa():
    return product(named("batch_size", BATCHES), named("workers", [4, 1]), [{}, dict(sigma=200.0, rho=5.0, beta1=0.5)])


def lbfgs():
    return product([{}, dict(mu=0.01), dict(history=2), dict(learning_rate=0.1), dict(learning_rate=30.0, history=4),
                    dict(line_search="none", learning_rate=0.1, history=3)])


GRIDS = {"dladmm": dladmm, "last_layer": last_layer, "mdlam": mdlam, "dlam": mdlam, "pdadmm": pdadmm, "pdadmm_g": pdadmm_g,
         "pdadmm_gq": pdadmm_gq, "aa_dladmm": aa_dladmm, "admm_taylor": admm_taylor, "gram_tp": gram_tp, "gorth": gorth,
         "schedule_free": schedule_free, "lbfgs": lbfgs,
         "bcd": bcd, "mac": mac, "sigmoid_admm": sigmoid_admm, "badm": badm, "sisa": sisa, "nsisa": nsisa}
SOLVERS = list(GRIDS) + list(BASELINES)

# What some case of a solver must do, or a part of its equations is not compared.
EVENTS = {
    "dladmm": ["rho raised"], "mdlam": ["step made again", "eps changed", "empty box"], "dlam": ["eps changed", "empty box"],
    "pdadmm": ["other branch"], "pdadmm_g": ["rho raised", "hand-over"], "pdadmm_gq": ["p moved", "rho raised", "hand-over"],
    "aa_dladmm": ["point accepted", "point refused", "map changed"], "gram_tp": ["gone back", "majorised batch"],
    "gorth": ["root", "gone back", "majorised batch"],
    "soap": ["new basis"], "kfac": ["clipped"], "lbfgs": ["searched"], "mac": ["backtracked", "mu raised"],
    "bcd": ["backtracked"],
}


# Where a preconditioner of gradients is singular its eigenvectors are LAPACK's choice, and the steps depend on them: networks in
# which every gradient has full rank but one.
SHAPES_OF = {"soap": [[5, 5, 5], [5, 5, 5, 5]]}
# What a method is for: its quadratic models hold for activations that are bounded and smooth.
ACTIVATIONS_OF = {"sigmoid_admm": ["sigmoid", "tanh"]}


# Those whose blocks ask for no derivative, with the activations that have none; a few points of each grid, after all other cases.
WITHOUT_DERIVATIVE = ["admm_taylor", "bcd", "dladmm", "dlam", "mdlam", "pdadmm", "pdadmm_g", "pdadmm_gq"]


def cases(solver):
    """(shape, loss, activation, params)"""
    yield from smooth_cases(solver)
    if solver not in WITHOUT_DERIVATIVE:
        return
    for activation in ("sign", "step"):
        found = [case for case in smooth_cases(solver) if case[2] == "relu" and case[3].get("splitting") != "two"]
        for shape, loss, _, params in found[::max(1, len(found) // 24)]:
            yield shape, loss, activation, params


def smooth_cases(solver):
    for shape, loss, activation in itertools.product(SHAPES_OF.get(solver, SHAPES), LOSSES,
                                                     ACTIVATIONS_OF.get(solver, ACTIVATIONS)):
        if solver in BASELINES:
            grid = baseline(solver)
        elif solver in ("pdadmm_g", "pdadmm_gq"):
            grid = GRIDS[solver](len(shape) - 1)
        else:
            grid = GRIDS[solver]()
        for params in grid:
            yield shape, loss, activation, params
