"""The templates that `sam local` reads: the functions and the layer as they are built, with nothing left to resolve.

`sam local` takes an intrinsic that it can't resolve for the name of its resource, and passes a variable only where the
template declares it; so both templates declare all variables, and `env.json` has their values.
"""

import json
from typing import Any

from local.stack.sam_local.authorizer import SETTINGS

#: Folders beside the templates: what `sam build` made, and the stand-in's layer.
BUILD = "build"
AUTHORIZER = "authorizer"
#: The module that a copy of the stand-in is in the prepared build.
STAND_IN = "authorizer_stand_in"
_HEADER = {"AWSTemplateFormatVersion": "2010-09-09", "Transform": "AWS::Serverless-2016-10-31"}
_FUNCTION, _LAYER = "AWS::Serverless::Function", "AWS::Serverless::LayerVersion"
_OWN_LAYER = "AuthorizerLayer"

Template = dict[str, Any]
Variables = dict[str, dict[str, str]]


def functions_template(built: Template, architecture: str, names: dict[str, str], variables: Variables) -> Template:
    """What `sam local invoke` reads: each function as it is deployed, by its deployed name of `names`.

    Raises:
        KeyError: the stack does not have one of the template's functions.
    """
    defaults = built["Globals"]["Function"]
    resources: Template = {}
    for logical_id, resource in built["Resources"].items():
        own = resource.get("Properties", {})
        # SAM adds a function's own layers to those of all.
        given = {**defaults, **own, "Layers": [*defaults.get("Layers", []), *own.get("Layers", [])]}
        if resource["Type"] == _LAYER:
            resources[logical_id] = _layer(f"{BUILD}/{logical_id}", given["CompatibleRuntimes"], architecture)
        elif resource["Type"] == _FUNCTION:
            resources[logical_id] = {
                "Type": _FUNCTION,
                "Properties": {
                    "FunctionName": names[logical_id],
                    "CodeUri": f"{BUILD}/{logical_id}",
                    **{name: given[name] for name in ("Handler", "Runtime", "MemorySize", "Timeout", "Layers")},
                    "Architectures": [architecture],
                    "Environment": {"Variables": dict(variables[logical_id])},
                },
            }
    return {**_HEADER, "Resources": resources}


def api_template(built: Template, prepared: Template, architecture: str, settings: dict[str, str]) -> Template:
    """What `sam local start-api` reads: the routes too, and the stand-in for the authorizer before the protected ones.

    `settings` are the stand-in's `issuer`, `audience` and `jwksUrl`.
    """
    resources: Template = {"HttpApi": {"Type": "AWS::Serverless::HttpApi"}}
    runtime = ""
    for logical_id, resource in prepared["Resources"].items():
        routes = {
            name: event["Properties"]
            for name, event in built["Resources"][logical_id]["Properties"].get("Events", {}).items()
            if event["Type"] == "HttpApi"
        }
        if resource["Type"] == _FUNCTION and not routes:
            continue
        properties = dict(resource["Properties"])
        if routes:
            properties["Events"] = {name: {"Type": "HttpApi", "Properties": _route(it)} for name, it in routes.items()}
        scopes = scopes_of(routes)
        if scopes:
            runtime = properties["Runtime"]
            own = {"handler": properties["Handler"], "scopes": scopes, **settings}
            variables = {**properties["Environment"]["Variables"], SETTINGS: json.dumps(own)}
            properties |= {
                "Handler": f"{STAND_IN}.handler",
                "Layers": [*properties["Layers"], {"Ref": _OWN_LAYER}],
                "Environment": {"Variables": variables},
            }
        resources[logical_id] = {**resource, "Properties": properties}
    if runtime:
        resources[_OWN_LAYER] = _layer(AUTHORIZER, [runtime], architecture)
    return {**_HEADER, "Resources": resources}


def scopes_of(routes: Template) -> dict[str, list[str]]:
    """The scopes of each protected route, by its key."""
    return {
        f"{route['Method']} {route['Path']}": route["Auth"].get("AuthorizationScopes", [])
        for route in routes.values()
        if route["Auth"]["Authorizer"] != "NONE"
    }


def _layer(content: str, runtimes: list[str], architecture: str) -> Template:
    properties = {
        "ContentUri": content,
        "CompatibleRuntimes": runtimes,
        "CompatibleArchitectures": [architecture],
    }
    return {"Type": _LAYER, "Properties": properties}


def _route(route: Template) -> Template:
    kept: Template = {name: route[name] for name in ("Method", "Path") if name in route}
    return {"ApiId": {"Ref": "HttpApi"}, **kept}
