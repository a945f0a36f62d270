"""How well texts answer a question, by a cross-encoder of sentence-transformers. The API is Cohere's and Jina's."""

import asyncio

from fastapi import Request
from orrery_app import Refused, check_model, json_body, model_list, new_app, texts_of
from ray import serve

MOST_DOCUMENTS = 256
CHARACTERS_OF_A_TOKEN = 8

app = new_app(most_mib=8)


@serve.deployment
@serve.ingress(app)
class Model:
    def __init__(self, settings):
        from sentence_transformers import CrossEncoder

        self.served = settings["servedName"]
        self.most_characters = settings["contextTokens"] * CHARACTERS_OF_A_TOKEN
        self.model = CrossEncoder(
            settings["directory"],
            device=settings["device"],
            max_length=settings["contextTokens"],
            local_files_only=True,
        )

    @app.get("/health")
    async def health(self):
        return {"status": "ok"}

    @app.get("/v1/models")
    async def models(self):
        return model_list(self.served)

    @app.post("/v1/rerank")
    async def rerank(self, request: Request):
        body = await json_body(request)
        check_model(body.get("model"), self.served)
        (query,) = texts_of([body.get("query")], "query", 1, self.most_characters)
        documents = texts_of(body.get("documents"), "documents", MOST_DOCUMENTS, self.most_characters)
        top = body.get("top_n", len(documents))
        if not isinstance(top, int) or isinstance(top, bool) or top < 1:
            raise Refused("top_n: a whole number of 1 or more.", "top_n")
        scores = await asyncio.to_thread(self.scores, query, documents)
        order = sorted(range(len(documents)), key=lambda index: -scores[index])[:top]
        whole = body.get("return_documents", False)
        results = [
            {"index": each, "relevance_score": scores[each], **({"document": {"text": documents[each]}} if whole else {})}
            for each in order
        ]
        return {"model": self.served, "results": results}

    def scores(self, query, documents):
        return [float(each) for each in self.model.predict([(query, document) for document in documents])]


def build(settings: dict):
    return Model.bind(settings)
