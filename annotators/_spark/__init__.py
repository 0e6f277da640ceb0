"""What the stages share: the base stage, planning, the UDF, saving. Private; stages build on it."""
