"""A classifier as the two files that hold it: its numbers, and the features that they weigh."""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from triage.classifier import NATURES, LinearHead, PetitionClassifier, Urgency
from triage.features import Block, Features, Latent
from triage.registry.arrays import Array, ArraysError, ArraySpec, check_finite, pack, unpack
from triage.registry.manifest import ModelInfo, Sizes

_Vocabulary: TypeAlias = dict[str, tuple[str, ...]]

_HEADS = ("primary", "secondary", "nature", "urgent")
_LATENT = "latent"
_PAIR = 2
"""Characters of a feature of any block but the words."""


def sizes_of(classifier: PetitionClassifier, learnt: int) -> Sizes:
    """The sizes of a classifier, which learnt `learnt` messages of the bureau's own."""
    features = classifier.features
    return Sizes(
        features={name: len(block.vocabulary) for name, block in features.blocks.items()},
        latent=(len(features.latent.components), len(features.latent.block.vocabulary)) if features.latent else None,
        learnt=learnt,
    )


def pack_arrays(classifier: PetitionClassifier, sizes: Sizes) -> bytes:
    """The numbers of a classifier.

    Raises
    ------
    ArraysError : one of them is not finite, or they do not fit each other.
    """
    features = classifier.features
    arrays: dict[str, Array] = {f"idf_{name}": block.idf for name, block in features.blocks.items()}
    if features.latent is not None:
        arrays |= {"idf_latent": features.latent.block.idf, _LATENT: features.latent.components}
    heads = (classifier.primary, classifier.secondary, classifier.nature, classifier.urgency.head)
    for name, head in zip(_HEADS, heads, strict=True):
        arrays |= {f"{name}_coefficients": head.coefficients, f"{name}_intercepts": head.intercepts}
    for name, array in arrays.items():
        check_finite(name, array)
    return pack(arrays, _specs(sizes, len(classifier.categories)))


def pack_vocabulary(classifier: PetitionClassifier) -> bytes:
    """The features in the order of their columns, block by block."""
    features = classifier.features
    words: _Vocabulary = {name: block.vocabulary for name, block in features.blocks.items()}
    if features.latent is not None:
        words[_LATENT] = features.latent.block.vocabulary
    return msgspec.json.encode(words)


def restore(arrays: bytes, vocabulary: bytes, info: ModelInfo, sizes: Sizes) -> PetitionClassifier:
    """The classifier that was packed.

    Raises
    ------
    ArraysError : the numbers or the features are not what the manifest says.
    """
    found = unpack(arrays, _specs(sizes, len(info.categories)))
    for name, array in found.items():
        check_finite(name, array)
    words = _read_vocabulary(vocabulary, sizes)
    blocks = {name: Block(words[name], found[f"idf_{name}"]) for name in sizes.features}
    latent = Latent(Block(words[_LATENT], found["idf_latent"]), found[_LATENT]) if sizes.latent else None
    primary, secondary, nature, urgent = (
        LinearHead(found[f"{name}_coefficients"], found[f"{name}_intercepts"]) for name in _HEADS
    )
    return PetitionClassifier(
        categories=info.categories,
        out_of_scope=frozenset(info.out_of_scope),
        features=Features(blocks, latent),
        primary=primary,
        temperature=info.temperature,
        secondary=secondary,
        secondary_threshold=info.secondary_threshold,
        nature=nature,
        nature_temperature=info.nature_temperature,
        urgency=Urgency(urgent, info.danger_weight, info.urgent_from, info.watched_from),
    )


def _specs(sizes: Sizes, categories: int) -> dict[str, ArraySpec]:
    """What the arrays of a classifier must be."""
    specs = {f"idf_{name}": ArraySpec((count,)) for name, count in sizes.features.items()}
    if sizes.latent is not None:
        specs |= {"idf_latent": ArraySpec((sizes.latent[1],)), _LATENT: ArraySpec(sizes.latent)}
    for name, classes in zip(_HEADS, (categories, categories, len(NATURES), 1), strict=True):
        specs |= {
            f"{name}_coefficients": ArraySpec((classes, sizes.width)),
            f"{name}_intercepts": ArraySpec((classes,)),
        }
    return specs


def _read_vocabulary(content: bytes, sizes: Sizes) -> _Vocabulary:
    try:
        words = msgspec.json.decode(content, type=_Vocabulary)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ArraysError(f"the vocabulary cannot be read ({type(error).__name__})") from None
    wanted: dict[str, int] = dict(sizes.features.items())
    if sizes.latent is not None:
        wanted[_LATENT] = sizes.latent[1]
    if {name: len(each) for name, each in words.items()} != wanted:
        raise ArraysError("the vocabulary has other features than the manifest says")
    for name, each in words.items():
        # The first and the second character of a pair are read without looking.
        if name not in ("words", _LATENT) and set(map(len, each)) != {_PAIR}:
            raise ArraysError(f"the vocabulary has a feature in {name} that is no pair of characters")
    if len(set(words.get(_LATENT, ()))) != len(words.get(_LATENT, ())):
        raise ArraysError("the vocabulary has a word of the latent space twice")
    return words
