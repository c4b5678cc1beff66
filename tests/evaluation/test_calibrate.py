"""Fitting the threshold of quotations and the calibration of their confidence."""

from __future__ import annotations

import math

import pytest

from quotedex.extract.attribute import calibrated
from training.calibrate import Outcome, cross_validated, fit, fit_threshold


def outcomes(probability: float, right: int, wrong: int) -> list[Outcome]:
    """Quotations in twenty documents in turn, so many right and so many wrong."""
    correct = [True] * right + [False] * wrong
    return [Outcome(probability, True, each, number % 20) for number, each in enumerate(correct)]


OVERCONFIDENT = [*outcomes(0.99, 180, 20), *outcomes(0.9, 120, 80), *outcomes(0.6, 60, 140)]


def test_the_line_gives_the_share_that_is_right() -> None:
    calibration = fit(OVERCONFIDENT, 0.8)
    assert calibration.threshold == 0.8
    assert 0 < calibration.slope < 1
    for probability, share in ((0.99, 0.9), (0.9, 0.6), (0.6, 0.3)):
        assert calibrated(probability, calibration) == pytest.approx(share, abs=0.06)


def test_certain_probabilities_stay_below_one() -> None:
    calibration = fit(OVERCONFIDENT, 0.8)
    assert 0 < calibrated(0.0, calibration) < calibrated(1.0, calibration) < 1
    assert not math.isnan(calibrated(1.0, calibration))


def test_documents_are_left_out_in_cross_validation() -> None:
    """The only wrong ones are in the documents of one fold, whose line has not seen them."""
    found = [
        Outcome(probability, True, document % 5 != 0 or probability < 0.5, document)
        for document in range(20)
        for probability in (0.3, 0.9)
    ]
    found += outcomes(0.3, 20, 20)
    confidences = cross_validated(found, 0.8)
    seen = calibrated(0.9, fit(found, 0.8))
    unseen = confidences[found.index(Outcome(0.9, True, False, 0))]
    assert unseen > seen


def test_the_threshold_weighs_misses_against_false_positives() -> None:
    sure = [(0.97, True)] * 90
    assert fit_threshold([*sure, (0.72, False), (0.97, False)]) == 0.75
    assert fit_threshold([*sure, *[(0.72, True)] * 20, (0.72, False), (0.5, False)]) == 0.55
    # One quotation in a hundred is worth less than one negative in five.
    assert fit_threshold([*sure, (0.72, True), *[(0.72, False)] * 2, *[(0.1, False)] * 8]) == 0.75
