"""The recipe of `sentence_detector_dl_healthcare`."""
