"""Stands in for sentence-transformers in tests of Ray: lengths instead of meanings."""

import numpy


class SentenceTransformer:
    def __init__(self, directory, device, local_files_only):
        assert local_files_only
        self.max_seq_length = None

    def tokenizer(self, text):
        return {"input_ids": text.split()}

    def encode(self, texts, normalize_embeddings, convert_to_numpy):
        return numpy.array([[float(len(text)), 0.5] for text in texts], dtype="float32")


class CrossEncoder:
    def __init__(self, directory, device, max_length, local_files_only):
        assert local_files_only

    def predict(self, pairs):
        return [numpy.float32(len(document)) for _, document in pairs]
