"""The base of what a configuration file may say of a source, a sink or a job."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """Keys of a configuration: unknown ones are faults, values do not change once read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
