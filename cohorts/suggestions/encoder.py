"""Texts as vectors whose angles say how alike they are: BERT's encoder in numpy, pure.

The forward pass alone, of a model that was trained elsewhere (Devlin et al. 2018,
"BERT: Pre-training of Deep Bidirectional Transformers"; Reimers and Gurevych 2019,
"Sentence-BERT", for the mean of the words as the vector of the text).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from cohorts.suggestions.tensors import Array

_BATCH: Final = 32  # texts of like length at once
_HIDDEN: Final = np.float32(-1e9)  # of words that only fill up
# Abramowitz and Stegun 7.1.26: off by 1.5e-7 at most, as 32-bit floats are.
_STEP: Final = np.float32(0.3275911)
_ERF: Final = np.array(
    [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592], np.float32
)


class Shape(NamedTuple):
    """What the configuration of a BERT model says of its layers.

    Attributes
    ----------
    layers, heads
        How many there are, and how many heads of attention each has.
    epsilon
        What is added to a variance, so that it is not nought.
    """

    layers: int
    heads: int
    epsilon: float


class Encoder:
    """Makes vectors of texts.

    Parameters
    ----------
    tokens
        Returns the tokens of a text by their numbers, with those that begin and end it.
    """

    def __init__(
        self,
        weights: dict[str, Array],
        shape: Shape,
        tokens: Callable[[str], Sequence[int]],
    ) -> None:
        self._weights = weights
        self._shape = shape
        self._tokens = tokens

    def vectors(self, texts: Sequence[str]) -> Array:
        """Return a vector of length 1 for each text: products are cosines."""
        every = [self._tokens(each) for each in texts]
        order = sorted(range(len(texts)), key=lambda at: len(every[at]))
        width = self._weights["embeddings.LayerNorm.bias"].shape[0]
        found = np.zeros((len(texts), width), np.float32)
        for first in range(0, len(order), _BATCH):
            places = order[first : first + _BATCH]
            found[places] = self._batch([every[at] for at in places])
        return found

    def _batch(self, every: Sequence[Sequence[int]]) -> Array:
        longest = max(map(len, every))
        ids = np.zeros((len(every), longest), np.int64)
        is_word = np.zeros((len(every), longest, 1), np.float32)
        for row, tokens in enumerate(every):
            ids[row, : len(tokens)] = tokens
            is_word[row, : len(tokens)] = 1
        hidden = self._embedded(ids)
        fill = (1 - is_word).reshape(len(every), 1, 1, longest) * _HIDDEN
        for layer in range(self._shape.layers):
            hidden = self._layer(f"encoder.layer.{layer}.", hidden, fill)
        mean = (hidden * is_word).sum(1) / is_word.sum(1)
        found: Array = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return found

    def _embedded(self, ids: npt.NDArray[np.int64]) -> Array:
        tables = ("word", "position", "token_type")
        words, places, kinds = (
            self._weights[f"embeddings.{each}_embeddings.weight"] for each in tables
        )
        return self._normal(
            "embeddings.LayerNorm", words[ids] + places[: ids.shape[1]] + kinds[0]
        )

    def _layer(self, name: str, hidden: Array, fill: Array) -> Array:
        """Return what a layer makes of its input: attention, then two dense ones."""
        seen = self._attention(f"{name}attention.self.", hidden, fill)
        seen = self._dense(f"{name}attention.output.dense", seen) + hidden
        seen = self._normal(f"{name}attention.output.LayerNorm", seen)
        wide = _gelu(self._dense(f"{name}intermediate.dense", seen))
        narrow = self._dense(f"{name}output.dense", wide) + seen
        return self._normal(f"{name}output.LayerNorm", narrow)

    def _attention(self, name: str, hidden: Array, fill: Array) -> Array:
        texts, words, width = hidden.shape
        heads = (texts, words, self._shape.heads, width // self._shape.heads)
        query, key, value = (
            self._dense(name + each, hidden).reshape(heads).transpose(0, 2, 1, 3)
            for each in ("query", "key", "value")
        )
        scale = np.float32(heads[3] ** -0.5)
        scores = query @ key.transpose(0, 1, 3, 2) * scale + fill
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        weights /= weights.sum(-1, keepdims=True)
        seen: Array = (weights @ value).transpose(0, 2, 1, 3)
        return seen.reshape(texts, words, width)

    def _dense(self, name: str, given: Array) -> Array:
        weight = self._weights[f"{name}.weight"]
        # One product of matrices; of three axes numpy makes one for each text.
        flat: Array = given.reshape(-1, given.shape[-1]) @ weight.T
        flat += self._weights[f"{name}.bias"]
        return flat.reshape(*given.shape[:-1], -1)

    def _normal(self, name: str, given: Array) -> Array:
        centred: Array = given - given.mean(-1, keepdims=True)
        variance = (centred * centred).mean(-1, keepdims=True)
        centred /= np.sqrt(variance + np.float32(self._shape.epsilon))
        centred *= self._weights[f"{name}.weight"]
        centred += self._weights[f"{name}.bias"]
        return centred


def _gelu(given: Array) -> Array:
    """Return x Φ(x), Φ the distribution function of a normal variable."""
    found: Array = given * np.float32(0.5) * (1 + _erf(given * np.float32(0.5**0.5)))
    return found


def _erf(given: Array) -> Array:
    size = np.abs(given)
    part = 1 / (1 + _STEP * size)
    found: Any = _ERF[0]
    for each in _ERF[1:]:
        found = found * part + each
    signed: Array = np.sign(given) * (1 - found * part * np.exp(-size * size))
    return signed
