"""Seconds per epoch of PyTorch's Adam on the network and the batches of iteration/adam/784-1000-1000-10x60000-batch-N.

usage: pytorch_adam.py [--threads N] [--epochs N] [--batches 128,1024] [--data FILE [--seed N]]
Prints one JSON object {"version", "threads", "seconds": {"128": ..., "1024": ...}}: of each batch size the shortest epoch,
data in memory and in one tensor (a DataLoader would cost PyTorch several times as much). The nearest like for like that
there is: same shapes, float32, ReLU, mean cross entropy, a new order of the samples every epoch.

With --data, a data file of the suite (docs/reference/datasets.md), it trains on that with the first batch size and adds "curve":
[[epoch, seconds so far, test accuracy], ...] from the initial point on; evaluation is outside the clock
(tools/timings/time-to-target)."""

import argparse
import json
import time

import torch


def train(x, y, batch, epochs, seed, after_epoch):
    """Calls after_epoch(epoch, seconds of that epoch, network); epoch 0 is the initial point."""
    torch.manual_seed(seed)
    net = torch.nn.Sequential(torch.nn.Linear(784, 1000), torch.nn.ReLU(), torch.nn.Linear(1000, 1000),
                              torch.nn.ReLU(), torch.nn.Linear(1000, 10))
    optimizer, loss = torch.optim.Adam(net.parameters(), lr=1e-3), torch.nn.CrossEntropyLoss()
    after_epoch(0, 0.0, net)
    for epoch in range(1, epochs + 1):
        begin = time.perf_counter()
        order = torch.randperm(len(x))
        for first in range(0, len(x), batch):
            chosen = order[first:first + batch]
            optimizer.zero_grad()
            loss(net(x[chosen]), y[chosen]).backward()
            optimizer.step()
        after_epoch(epoch, time.perf_counter() - begin, net)


def epoch_seconds(batch, epochs):
    torch.manual_seed(0)
    seconds = []
    train(torch.randn(60000, 784), torch.randint(0, 10, (60000,)), batch, epochs, 0,
          lambda epoch, time_taken, net: seconds.append(time_taken))
    return min(seconds[1:])


def accuracy_curve(data, batch, epochs, seed):
    import h5py

    with h5py.File(data) as file:
        x, y, test_x, test_y = (torch.from_numpy(file[name][()]) for name in ("train/x", "train/y", "test/x", "test/y"))
    curve = []

    def record(epoch, seconds, net):
        with torch.no_grad():
            right = (net(test_x.float()).argmax(1) == test_y).float().mean().item()
        curve.append([epoch, (curve[-1][1] if curve else 0.0) + seconds, right])

    train(x.float(), y.long(), batch, epochs, seed, record)
    return curve


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batches", default="128,1024")
    parser.add_argument("--data")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.data:
        curve = accuracy_curve(options.data, int(options.batches.split(",")[0]), options.epochs, options.seed)
        print(json.dumps({"version": torch.__version__, "threads": options.threads, "curve": curve}))
        return
    seconds = {batch: epoch_seconds(int(batch), options.epochs) for batch in options.batches.split(",")}
    print(json.dumps({"version": torch.__version__, "threads": options.threads, "seconds": seconds}))


if __name__ == "__main__":
    main()
