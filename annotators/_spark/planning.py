"""From stages to a plan: which columns each reads, what must come from outside, what is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pyspark.sql.types import StructType

from annotators._spark.transform import Input, Output, StagePlan
from annotators.core.plan import Step


class Plannable(Protocol):
    """What a plan asks of a stage; annotators/_spark/stage.py says what each is."""

    def _input_columns(self, schema: StructType) -> list[str]: ...
    def _inputs(self, columns: list[str]) -> list[Input]: ...
    def _step(self, columns: list[str]) -> Step: ...
    def _output(self) -> Output: ...
    def transformSchema(self, schema: StructType) -> StructType: ...


def plan_stages(stages: Sequence[Plannable], schema: StructType) -> StagePlan:
    """Plan the stages over a frame of this schema, each after those before it.

    Raises InputColumnError or ParamError, on the driver, where a stage does not fit its input.
    """
    steps: list[Step] = []
    outputs: dict[str, Output] = {}
    inputs: dict[str, Input] = {}
    for stage in stages:
        columns = stage._input_columns(schema)
        for needed in stage._inputs(columns):
            if needed.column not in outputs:
                inputs[needed.column] = _merged(inputs.get(needed.column), needed)
        steps.append(stage._step(columns))
        output = stage._output()
        outputs[output.column] = output
        schema = stage.transformSchema(schema)
    return StagePlan(tuple(steps), tuple(inputs.values()), tuple(outputs.values()))


def _merged(known: Input | None, needed: Input) -> Input:
    """One input with the fields that both ask for."""
    if known is None or known.fields is None or needed.fields is None:
        return needed
    return Input(needed.column, tuple(dict.fromkeys((*known.fields, *needed.fields))))
