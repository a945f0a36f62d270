"""Vectors of texts, by sentence-transformers."""

import asyncio
import base64

from fastapi import Request
from orrery_app import Refused, check_model, json_body, model_list, new_app, texts_of
from ray import serve

MOST_TEXTS = 256
# A token has some four characters; what is longer than the model takes would be cut off unseen.
CHARACTERS_OF_A_TOKEN = 8

app = new_app(most_mib=8)


def written(vector, encoding):
    if encoding == "float":
        return [float(each) for each in vector]
    return base64.b64encode(vector.astype("<f4").tobytes()).decode()


@serve.deployment
@serve.ingress(app)
class Model:
    def __init__(self, settings):
        from sentence_transformers import SentenceTransformer

        self.served = settings["servedName"]
        self.most_tokens = settings["contextTokens"]
        self.model = SentenceTransformer(settings["directory"], device=settings["device"], local_files_only=True)
        self.model.max_seq_length = self.most_tokens

    @app.get("/health")
    async def health(self):
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models(self):
        return model_list(self.served)

    @app.post("/v1/embeddings")
    async def embeddings(self, request: Request):
        body = await json_body(request)
        check_model(body.get("model"), self.served)
        texts = texts_of(body.get("input"), "input", MOST_TEXTS, self.most_tokens * CHARACTERS_OF_A_TOKEN)
        encoding = body.get("encoding_format", "float")
        if encoding not in ("float", "base64"):
            raise Refused("encoding_format: float or base64.", "encoding_format")
        vectors, tokens = await asyncio.to_thread(self.encode, texts)
        data = [
            {"object": "embedding", "index": index, "embedding": written(vector, encoding)}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return {"object": "list", "data": data, "model": self.served, "usage": usage}

    def encode(self, texts):
        lengths = [len(self.model.tokenizer(text)["input_ids"]) for text in texts]
        longest = max(lengths)
        if longest > self.most_tokens:
            raise Refused(f"input: a text of {longest} tokens, {self.most_tokens} is the most.", "input")
        return self.model.encode(texts, normalize_embeddings=True, convert_to_numpy=True), sum(lengths)


def build(settings: dict):
    return Model.bind(settings)
