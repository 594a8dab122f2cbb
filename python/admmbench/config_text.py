"""The attribute `config` of result files: resolved YAML, one key a line, values in flow style, as the suite writes it."""

import math
import re

_TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|[][{},:]|[^][{},:"\s](?:[^][{},:]|:(?!\s))*)')
_WORDS = {"null": None, "true": True, "false": False, ".nan": math.nan, ".inf": math.inf, "-.inf": -math.inf}
_PLAIN = re.compile(r"[A-Za-z_/(][A-Za-z0-9._+=/() -]*(?<! )")
_NUMBER_LIKE = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}


def scalar(text):
    """What a word without quotes means: a number, true, false, null, or itself."""
    if text in _WORDS:
        return _WORDS[text]
    for kind in (int, float):
        try:
            return kind(text) if "_" not in text else text
        except ValueError:
            pass
    return text


def _unquote(text):
    def character(escape):
        code = escape[1]
        return {"n": "\n", "t": "\t"}.get(code, code) if code[0] != "x" else chr(int(code[1:], 16))
    return re.sub(r"\\(x[0-9a-f]{2}|.)", character, text[1:-1])


class _Tokens:
    def __init__(self, text):
        self.text, self.at = text, 0

    def next(self):
        found = _TOKEN.match(self.text, self.at)
        if not found:
            raise ValueError(f"config: not understood: {self.text[self.at:self.at + 40]!r}")
        self.at = found.end()
        return found[1].rstrip()

    def value(self, token=None):
        token = token or self.next()
        if token == "{":
            return dict(self.items("}", self.member))
        if token == "[":
            return list(self.items("]", self.value))
        if token in "]},:":
            raise ValueError(f"config: '{token}' where a value should be")
        return _unquote(token) if token[0] == '"' else scalar(token)

    def member(self, token):
        key = _unquote(token) if token[0] == '"' else token
        if self.next() != ":":
            raise ValueError(f"config: no ':' after {key!r}")
        return key, self.value()

    def items(self, end, item):
        token = self.next()
        while token != end:
            yield item(token)
            token = self.next()
            if token == ",":
                token = self.next()
            elif token != end:
                raise ValueError(f"config: '{token}' where ',' or '{end}' should be")


def parse(text):
    """{key: value} of a stored configuration. ValueError if it is none."""
    result = {}
    for line in filter(None, text.split("\n")):
        tokens = _Tokens(line)
        plain_value = re.fullmatch(r"([A-Za-z_]\w*): ([^][{}\"'&*!|>%@`#].*)", line)
        if plain_value:  # outside brackets a word may have commas
            result[plain_value[1]] = scalar(plain_value[2].strip())
            continue
        key, value = tokens.member(tokens.next())
        if line[tokens.at:].strip():
            raise ValueError(f"config: more than a value in the line of {key!r}")
        result[key] = value
    return result


def _flow(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_flow(str(key))}: {_flow(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_flow, value)) + "]"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        text = repr(value) if math.isfinite(value) else ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        return text.replace("e", ".0e", 1) if "e" in text and "." not in text else text
    if not isinstance(value, str):
        raise ValueError(f"config: {value!r} is no number, text, list or dict")
    if _PLAIN.fullmatch(value) and value.lower() not in _NUMBER_LIKE:
        return value
    escaped = re.sub(r'["\\]', r"\\\g<0>", value)
    return '"' + re.sub(r"[\x00-\x1f]", lambda c: f"\\x{ord(c[0]):02x}", escaped) + '"'


def write(values):
    """The text of {key: value}; arrays and numbers of NumPy are taken, too. ValueError names what has no place in it."""
    return "".join(f"{_flow(str(key))}: {_flow(plain(value))}\n" for key, value in values.items())


def plain(value):
    """The same of Python's own types."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return value


def flat(value, prefix=""):
    """{"a.b": value} of nested dicts."""
    result = {}
    for key, one in value.items():
        result.update(flat(one, f"{prefix}{key}.") if isinstance(one, dict) else {prefix + key: one})
    return result


def settings(text):
    """What is equal for the seeds of one setting: all lines but the seed and remarks."""
    return [line for line in text.split("\n") if line and line.split(":")[0] not in ("seed", "note", "published")]


def differing_settings(a, b):
    """["iterations: 300 and 1", ...] of two stored configurations."""
    left, right = (flat({key: value for key, value in parse(text).items() if key not in ("seed", "note", "published")})
                   for text in (a, b))
    return [f"{key}: {left.get(key, 'not there')} and {right.get(key, 'not there')}"
            for key in {**left, **right} if left.get(key, "not there") != right.get(key, "not there")]
