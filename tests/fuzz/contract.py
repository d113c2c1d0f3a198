"""Requests made from the API's own description, right and wrong: no error of ours, no answer it does not describe."""

import asyncio
import random
import time
from collections import Counter
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Err
from schemathesis.openapi import from_url
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fuzz.site import Site

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ROLES = ("therapist", "owner", "client")
EXAMPLES = 8
SLOWEST = 20.0


class Contract:
    """Counts the answers; `wrong` holds one line for each way in which an operation broke the description."""

    def __init__(self, site: Site, number: int) -> None:
        self.site = site
        self.random = random.Random(number)
        self.number = number
        self.asked: Counter[int] = Counter()
        self.wrong: dict[str, str] = {}

    def run(self, seconds: float) -> None:
        """Rounds over all operations until the time is over, each with other requests; the first round is whole."""
        schema = from_url(f"{self.site.url}/v1/openapi.json")
        until, round_ = time.monotonic() + seconds, 0
        while round_ == 0 or time.monotonic() < until:
            for operation in schema.get_all_operations():
                if round_ and time.monotonic() > until:
                    return
                if isinstance(operation, Err):
                    raise operation.err()
                self._try(operation.ok(), round_)
            round_ += 1

    def _try(self, operation: Any, round_: int) -> None:
        headers = asyncio.run(self.site.signed_in(self.random.choice(ROLES)))
        mode = MODES[(round_ + self.random.randrange(2)) % 2]
        try:
            self._try_so(operation, round_, headers, mode)
        except Unsatisfiable:
            # Nothing that could be sent to it is wrong, as its description has it.
            self._try_so(operation, round_, headers, GenerationMode.POSITIVE)
        except schemathesis.errors.SchemathesisError as error:
            self.wrong[operation.label] = f"{operation.label}: no requests could be made of it: {error}"

    def _try_so(self, operation: Any, round_: int, headers: dict[str, str], mode: GenerationMode) -> None:
        quiet = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )

        @seed(self.number + round_)
        @quiet
        @given(case=operation.as_strategy(generation_mode=mode))
        def one(case: Case[Any]) -> None:
            self._ask(case, headers)

        one()

    def _ask(self, case: Case[Any], headers: dict[str, str]) -> None:
        known = self.site.ours.ids["own"]
        if self.random.random() < 0.8:
            for name in set(case.path_parameters) & set(known):
                case.path_parameters[name] = known[name]
        answer = case.call(base_url=self.site.url, headers=headers, timeout=SLOWEST)
        self.asked[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except (Failure, FailureGroup) as failure:
            found = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            for one in found:
                key = f"{case.operation.label}: {type(one).__name__}"
                self.wrong.setdefault(key, f"{key} {answer.status_code}\n{one}\n{case.as_curl_command()[:600]}")
