"""Exit codes of the timing tools. 1 is none of them: it is what Python gives when the tool itself breaks."""

OK = 0
USAGE = 2
REGRESSION = 3
NOTHING_MEASURED = 4
BUILD_FAILED = 5
BENCHMARK_FAILED = 6
INTERRUPTED = 130
