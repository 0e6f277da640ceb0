"""Notes within FHIR R4 resources: NDJSON of DocumentReference and DiagnosticReport."""
