"""What the timing tools print, and write for others: Markdown for people, JUnit's XML for continuous integration."""

import xml.etree.ElementTree as xml

from timings import gate
from timings.mann_whitney import upper_bound


def with_unit(value, unit):
    """Three to four digits: 1.234 ms, or 2.345 x GEMM."""
    if unit == "ratio":
        return f"{value:.3f} x GEMM"
    for scale, name in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= scale:
            return f"{value / scale:.4g} {name}"
    return f"{value / 1e-9:.4g} ns"


def aligned(header, rows):
    """The first and the last column to the left, the others to the right."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    last = len(header) - 1
    return "\n".join("  ".join(cell.ljust(width) if i in (0, last) else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip()
                     for row in [header, *rows])


def table(results):
    """results: {benchmark: (unit, Comparison)}"""
    rows = [(name, with_unit(c.base, unit), with_unit(c.head, unit), f"{c.ratio:.3f}", f"{c.p:.2g}", " ".join(c.signs),
             c.verdict) for name, (unit, c) in results.items()]
    return aligned(("benchmark", "base", "head", "ratio", "p", "rounds", "verdict"), rows)


def share(events, trials):
    return f"{events} of {trials} = {100 * events / trials:.1f} %"


def false_alarms(counts):
    bound = 100 * upper_bound(counts.regressions, counts.comparisons)
    lines = [("false alarms (regressions called)",
              f"{share(counts.regressions, counts.comparisons)}, at most {bound:.1f} % with 95 % confidence"),
             ("  sides exchanged in every way", share(counts.swap_regressions, counts.swaps)),
             ("warnings", share(counts.warnings, counts.comparisons)),
             (f"p < {gate.ALPHA:g} alone, either direction", share(counts.test_alone, counts.comparisons)),
             (f"ratio > {gate.REGRESSION:g} alone", share(counts.ratio_alone, counts.comparisons)),
             ("largest ratio, either direction", f"{counts.largest:.3f}")]
    return "\n".join(f"{name:36} {value}" for name, value in lines)


def name_of(side):
    """What `base` or `head` of a report is, for people."""
    return side.get("subject") or side.get("program") or "none"


def facts(entry):
    """A benchmark of a report in the cells of its table."""
    base, head = (with_unit(entry[side], entry["unit"]) for side in ("base", "head"))
    return base, head, f"{entry['ratio']:.3f}", f"{entry['p']:.2g}", " ".join(entry["signs"])


def markdown(about):
    """The whole comparison as a section of Markdown: a job's summary, a comment."""
    lines = [f"## Timings: {about['outcome']}", ""]
    if about["message"]:
        lines += [line for line in about["message"].splitlines() if line] + [""]
    for side in ("base", "head"):
        if side in about:
            lines.append(f"- {side}: {name_of(about[side])}")
    if about["benchmarks"]:
        lines += ["", "| benchmark | base | head | ratio | p | rounds | verdict |", "|---|---|---|---|---|---|---|"]
    for entry in about["benchmarks"]:
        verdict = f"**{entry['verdict']}**" if entry["verdict"] == gate.SLOWER else entry["verdict"]
        lines.append("| " + " | ".join([f"`{entry['name']}`", *facts(entry), verdict]) + " |")
    for side in ("base", "head"):
        if names := about.get(f"only_in_{side}"):
            lines += ["", f"Only in {side}, not compared: " + ", ".join(f"`{name}`" for name in names)]
    return "\n".join(lines) + "\n"


def junit(about):
    """The comparison as a test suite: a benchmark is a test case, a regression a failure; what kept it from being made is an
    error, and what was not due is skipped."""
    suite = xml.Element("testsuite", name="compare-timings")
    counts = {"failure": 0, "error": 0, "skipped": 0}

    def add(name, kind=None, message=None, **more):
        case = xml.SubElement(suite, "testcase", classname="compare-timings", name=name, **more)
        if kind:
            counts[kind] += 1
            xml.SubElement(case, kind, message=printable(message))
        return case

    for entry in about["benchmarks"]:
        base, head, ratio, p, signs = facts(entry)
        text = f"{base} -> {head}, {ratio} times as long, p {p}, rounds {signs}: {entry['verdict']}"
        time = {"time": f"{entry['head']:.9f}"} if entry["unit"] == "seconds" else {}
        case = add(entry["name"], "failure" if entry["verdict"] == gate.SLOWER else None, text, **time)
        xml.SubElement(case, "system-out").text = text
    if about["outcome"] not in ("no regression", "regression"):
        add("comparison", "skipped" if about["outcome"] == "skipped" else "error", f"{about['outcome']}: {about['message']}")
    suite.attrib.update(tests=str(sum(case.tag == "testcase" for case in suite)), failures=str(counts["failure"]),
                        errors=str(counts["error"]), skipped=str(counts["skipped"]))
    suites = xml.Element("testsuites")
    suites.append(suite)
    xml.indent(suites)
    return xml.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def printable(text):
    """Without what XML cannot hold, such as the colours of a compiler's messages."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)
