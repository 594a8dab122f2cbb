"""Seconds per epoch of PyTorch's Adam on the network and the batches of iteration/adam/784-1000-1000-10x60000-batch-N.

usage: pytorch_adam.py [--threads N] [--epochs N] [--batches 128,1024]
Prints one JSON object {"version", "threads", "seconds": {"128": ..., "1024": ...}}: of each batch size the shortest epoch,
data in memory and in one tensor (a DataLoader would cost PyTorch several times as much). The nearest like for like that
there is: same shapes, float32, ReLU, mean cross entropy, a new order of the samples every epoch."""

import argparse
import json
import time

import torch


def epoch_seconds(batch, epochs):
    torch.manual_seed(0)
    x, y = torch.randn(60000, 784), torch.randint(0, 10, (60000,))
    net = torch.nn.Sequential(torch.nn.Linear(784, 1000), torch.nn.ReLU(), torch.nn.Linear(1000, 1000),
                              torch.nn.ReLU(), torch.nn.Linear(1000, 10))
    optimizer, loss = torch.optim.Adam(net.parameters(), lr=1e-3), torch.nn.CrossEntropyLoss()
    best = float("inf")
    for _ in range(epochs):
        begin = time.perf_counter()
        order = torch.randperm(60000)
        for first in range(0, 60000, batch):
            chosen = order[first:first + batch]
            optimizer.zero_grad()
            loss(net(x[chosen]), y[chosen]).backward()
            optimizer.step()
        best = min(best, time.perf_counter() - begin)
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--batches", default="128,1024")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    seconds = {batch: epoch_seconds(int(batch), options.epochs) for batch in options.batches.split(",")}
    print(json.dumps({"version": torch.__version__, "threads": options.threads, "seconds": seconds}))


if __name__ == "__main__":
    main()
