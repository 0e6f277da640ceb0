"""The data of `bert_sequence_classifier_metastasis`."""
