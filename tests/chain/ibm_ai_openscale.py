"""What the shell chain of before uses of IBM's first Python client for OpenScale, with curl, so that a shim sees what it asks.

It finds subscriptions by name and refuses several, takes feedback rows by position, and does not look whether they arrived.
"""
import json
import subprocess

MART = "00000000-0000-0000-0000-000000000000"


class APIClient4ICP:
    def __init__(self, credentials):
        self.url = credentials["url"]
        self.token = None
        self.data_mart = self
        self.subscriptions = Subscriptions(self)
        body = {"username": credentials["username"], "password": credentials["password"]}
        self.token = self.call("POST", "/icp4d-api/v1/authorize", body)["token"]

    def call(self, method, path, body=None):
        words = ["curl", "-skS", "--fail-with-body", "-X", method, self.url + path]
        if self.token is not None:
            words += ["-H", "Authorization: Bearer " + self.token]
        if body is not None:
            words += ["-H", "Content-Type: application/json", "-d", "@-"]
        text = None if body is None else json.dumps(body)
        done = subprocess.run(words, input=text, stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)


class Subscriptions:
    def __init__(self, client):
        self.client = client

    def get(self, name):
        found = [s for s in self.client.call("GET", "/openscale/%s/v2/subscriptions" % MART)["subscriptions"]
                 if s["entity"]["asset"]["name"] == name]
        if len(found) != 1:
            raise ValueError("%d subscriptions are named %s" % (len(found), name))
        return Subscription(self.client, found[0])


class Subscription:
    def __init__(self, client, found):
        self.client = client
        self.id = found["metadata"]["id"]
        self.properties = found["entity"]["asset_properties"]
        self.payload_logging = self
        self.feedback_logging = self

    def data_sets(self, kind):
        path = "/openscale/%s/v2/data_sets?target.target_id=%s&target.target_type=subscription&type=%s"
        return self.client.call("GET", path % (MART, self.id, kind))["data_sets"]

    def enable(self, dynamic_schema_update):
        return self.data_sets("payload_logging") or self.client.call("POST", "/openscale/%s/v2/data_sets" % MART, {
            "data_mart_id": MART, "name": self.id + "_payload_logging", "type": "payload_logging",
            "schema_update_mode": "auto" if dynamic_schema_update else "none",
            "target": {"target_id": self.id, "target_type": "subscription"}})

    def store(self, rows):
        features = self.properties.get("feature_fields") or ["f%d" % i for i in range(len(rows[0]) - 1)]
        fields = features + [self.properties["label_column"]]
        path = "/openscale/%s/v2/data_sets/%s/records" % (MART, self.data_sets("feedback")[0]["metadata"]["id"])
        self.client.call("POST", path, {"fields": fields, "values": rows})
