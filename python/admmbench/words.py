"""Messages for people."""

import difflib


def did_you_mean(name, known):
    """"; did you mean 'lr'? known: lr, momentum", as far as it applies."""
    known = [str(one) for one in known]
    close = difflib.get_close_matches(str(name), known, n=1)
    return (f"; did you mean '{close[0]}'?" if close else ";") + " known: " + (", ".join(known) or "none")


def needs(module, package, what):
    """The module, or an ImportError that says what is to be installed."""
    import importlib
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ImportError(f"{what} needs {module}: apt install {package}, or pip install {module} ({error})") from None
