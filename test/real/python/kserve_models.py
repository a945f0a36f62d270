"""Reads InferenceServices (a list in a file of JSON) with KServe's own models, and prints what they keep of them.

Only the models: the package itself imports a whole model server.
"""

import importlib.util
import json
import sys
import types


def bare(name):
    """The package without what its __init__ imports."""
    folder = importlib.util.find_spec(name).submodule_search_locations[0]
    module = types.ModuleType(name)
    module.__path__ = [folder]
    sys.modules[name] = module


# Found before any of it is imported.
bare("kubernetes")
bare("kserve")

import kubernetes.client as kubernetes  # noqa: E402
import kserve.models as models  # noqa: E402
from kubernetes.client.api_client import ApiClient  # noqa: E402


class Response:
    def __init__(self, value):
        self.data = json.dumps(value)


# Types of Kubernetes that KServe's models name.
known = {name: getattr(kubernetes, name) for name in dir(kubernetes) if name[:1].isupper()}
known.update({name: getattr(models, name) for name in dir(models) if name[:1].isupper()})
known["K8sIoApiAppsV1DeploymentStrategy"] = kubernetes.V1DeploymentStrategy

client = ApiClient()
for name, kind in known.items():
    setattr(kubernetes.models, name, kind)

kept = []
for service in json.load(open(sys.argv[1])):
    read = client.deserialize(Response(service), "V1beta1InferenceService")
    assert type(read).__name__ == "V1beta1InferenceService", type(read)
    assert type(read.spec.predictor.containers[0]).__name__ == "V1Container"
    kept.append(client.sanitize_for_serialization(read))
print(json.dumps(kept))
