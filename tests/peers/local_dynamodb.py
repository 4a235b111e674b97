"""boto3 asks the local cloud's DynamoDB and AWS's DynamoDB Local the same things, and compares.

    LACONIC_ENDPOINT=… DYNAMODB_LOCAL=… tests/peers/python tests/peers/local_dynamodb.py [SEED]

First what is written down here, then what chance makes: conditions, updates and queries. Both must
give the same answer, or refuse with the same code; of expressions that are written down, with the same
words. Where DynamoDB Local has other words than DynamoDB itself (keys, numbers), codes are compared.
"""

import os
import random
import sys
from decimal import Decimal

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROUNDS = 250


def client(endpoint):
    return boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local-secret",
        config=Config(retries={"total_max_attempts": 1}, parameter_validation=False),
    )


OURS, THEIRS = client(os.environ["LACONIC_ENDPOINT"]), client(os.environ["DYNAMODB_LOCAL"])
TABLE = "scores"
differences = []
compared = 0


def plain(value):
    """Sets have no order, and 1e1 is 10: DynamoDB Local keeps a nested number as it came."""
    if isinstance(value, dict):
        return {key: sorted(item) if key in ("SS", "NS", "BS")
                else str(Decimal(item).normalize()) if key == "N" else plain(item)
                for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def outcome(asked, action, params, words):
    try:
        answer = getattr(asked, action)(**params)
    except ClientError as error:
        said = error.response["Error"]
        reasons = [reason["Code"] for reason in error.response.get("CancellationReasons", [])]
        return said["Code"], said["Message"] if words else reasons
    answer.pop("ResponseMetadata")
    answer.pop("ConsumedCapacity", None)  # DynamoDB Local tells it unasked where nothing is deleted
    return "done", plain(answer)


def both(action, words=False, **params):
    global compared
    compared += 1
    ours, theirs = (outcome(asked, action, params, words) for asked in (OURS, THEIRS))
    if ours != theirs:
        differences.append(f"{action} {params}\n  ours   {ours}\n  theirs {theirs}")
    return ours


def s(text):
    return {"S": text}


def n(number):
    return {"N": str(number)}


def key(player="ada", at=1):
    return {"player": s(player), "at": n(at)}


def make_table():
    def keys(hash_name, range_name):
        return [{"AttributeName": hash_name, "KeyType": "HASH"},
                {"AttributeName": range_name, "KeyType": "RANGE"}]

    types = {"player": "S", "at": "N", "game": "S", "points": "N"}
    for asked in (OURS, THEIRS):
        asked.create_table(
            TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=keys("player", "at"),
            AttributeDefinitions=[{"AttributeName": a, "AttributeType": t} for a, t in types.items()],
            GlobalSecondaryIndexes=[{"IndexName": "by-game", "KeySchema": keys("game", "points"),
                                     "Projection": {"ProjectionType": "KEYS_ONLY"}}],
            LocalSecondaryIndexes=[{"IndexName": "by-points", "KeySchema": keys("player", "points"),
                                    "Projection": {"ProjectionType": "INCLUDE",
                                                   "NonKeyAttributes": ["x"]}}])


ITEM = {
    **key(), "b": {"BOOL": True}, "li": {"L": [s("x"), n(1), {"M": {"k": s("v")}}]},
    "m": {"M": {"k": s("v"), "n": n(1)}}, "num": n(12), "nul": {"NULL": True}, "s": s("hé"),
    "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2.5"]},
}

CONDITIONS = """
num = :one|num <> :one|gone <> :one|gone = :one|NOT gone = :one|num < :two|size(s) = :two|size(num) > :one
size(li) > :two|size(m) = :two|size(s)|s|:one|attribute_exists(:one)|attribute_exists(s) = :one|s = s
(s) = (:one)|((s = :one))|(s = :one)|num BETWEEN :one AND :two|num BETWEEN :two AND :one|num IN (:one, :two)
num IN ()|num < :yes|num = :yes|num BETWEEN :one AND :text|begins_with(s, :one)|begins_with(s, :text)
begins_with(num, :text)|BEGINS_WITH(s, :text)|contains(ss, :text)|contains(s, :text)|contains(li, :one)
contains(s, s)|contains(s)|attribute_type(s, :one)|foo(s)|list_append(s, s)
s = :one AND|s = :one OR OR s = :one|s := :one|s = :one)|(s = :one|s ! :one|s = 5|s = 'x'|a.b[0].c = :one
a.b[x] = :one|a..b = :one|m.k = :text|li[1] = :one|li[2].k = :text|name = :one|m.status = :one|s = :gone
#gone = :one|_s = :one|1s = :one|s-t = :one|size(s) = size(m)|NOT (NOT num = :two)|s = :one.b|NOT s
num > :one AND s = :text OR attribute_exists(m.k) AND NOT attribute_exists(m.z)|attribute_not_exists(nul)
"""

UPDATES = """
SET num = :one|SET num = num + :one|SET num = num - :two, c = :one|SET num = :one + :two + :one
SET num = (:one + :two)|SET num = :one + :text|SET num = gone + :one|SET num = s + :one|SET num = s, s = num
SET li = list_append(li, :list)|SET li = list_append(s, :list)|SET li = list_append(:list, :text)
SET z = list_append(if_not_exists(z, :list), :list)|SET li[5] = :one, li[7] = :text|REMOVE li[0], li[1]
SET li[0] = :text REMOVE li[1]|SET m.x = :one|SET m.x.y = :one|SET s[1] = :one|SET s.x = :one|ADD c :one
ADD s :one|ADD c :text|ADD ss :set|ADD ss :numbers|DELETE ss :set|DELETE ss :one|DELETE num :set|DELETE gone :set
SET player = :text|SET num = :one, num = :two|SET m.k = :one, m = :two|SET m.k = :one, m[1] = :two
SET num = :one SET s = :two|SET num = = :one|SET|SET num = :gone|SET #gone = :one|SET name = :one
SET num = foo(:one)|SET num = size(s)|SET num = if_not_exists(num)|SET num = if_not_exists(:one, :two)|REMOVE gone
SET c = if_not_exists(num, :one) + :two|REMOVE m.k, s ADD num :one DELETE ns :numbers|SET m.k = m.n, m.n = num
"""

VALUES = {
    ":one": n(1), ":two": n("20.5"), ":yes": {"BOOL": True}, ":text": s("h"),
    ":list": {"L": [n(7), s("y")]}, ":set": {"SS": ["b", "c"]}, ":numbers": {"NS": ["1", "9"]},
}


def used(expression):
    values = {name: value for name, value in VALUES.items() if name in expression}
    return {"ExpressionAttributeValues": values} if values else {}


def listed(text):
    return [part.strip() for line in text.strip().split("\n") for part in line.split("|")]


def expressions_that_are_written_down():
    for condition in listed(CONDITIONS):
        both("put_item", words=True, TableName=TABLE, Item=ITEM)
        both("delete_item", words=True, TableName=TABLE, Key=key(), ConditionExpression=condition,
             ReturnValues="ALL_OLD", **used(condition))
    for update in listed(UPDATES):
        both("put_item", TableName=TABLE, Item=ITEM)
        both("update_item", words=True, TableName=TABLE, Key=key(), UpdateExpression=update,
             ReturnValues="ALL_NEW", **used(update))
        both("update_item", TableName=TABLE, Key=key("new"), UpdateExpression=update,
             ReturnValues="UPDATED_OLD", **used(update))
        both("delete_item", TableName=TABLE, Key=key("new"), ReturnValues="ALL_OLD")


def items_that_are_written_down():
    for number in ("1.50", "-0", "1e10", "1E125", "1E126", "1e-130", "1e-131", ".5", "5.", "x", "",
                   "9" * 38, "9" * 39, "0x1"):
        both("put_item", TableName=TABLE, Item={**key(), "v": n(number)})
        both("get_item", TableName=TABLE, Key=key())
    for value in ({}, {"S": "a", "N": "1"}, {"SS": []}, {"NS": ["1", "1.0"]}, {"NULL": False},
                  {"L": []}, {"M": {}}, {"S": ""}, {"SS": ["a", "a"]}, s("x" * 410000)):
        both("put_item", TableName=TABLE, Item={**key(), "v": value})
    for item in ({"player": s("ada")}, {"player": s(""), "at": n(1)}, {"player": n(1), "at": n(1)},
                 key("x" * 2049)):
        both("put_item", TableName=TABLE, Item=item)
    both("get_item", TableName=TABLE, Key={"player": s("ada")})
    both("get_item", TableName="gone", Key=key())
    both("put_item", TableName=TABLE, Item=key(), ExpressionAttributeNames={"#a": "b"})
    both("put_item", words=True, TableName=TABLE, Item=key(), ConditionExpression="s <> :one",
         ExpressionAttributeValues={":one": n(1), ":two": n(2)})


def transactions_and_batches():
    both("put_item", TableName=TABLE, Item=key())
    put = {"Put": {"TableName": TABLE, "Item": key("bob")}}
    fails = {"ConditionCheck": {"TableName": TABLE, "Key": key(),
                                "ConditionExpression": "attribute_not_exists(player)"}}
    for steps in ([put], [put, fails], [put, put], [], [{}]):
        both("transact_write_items", TransactItems=steps)
    both("transact_get_items", TransactItems=[{"Get": {"TableName": TABLE, "Key": key(name)}}
                                              for name in ("ada", "bob", "eve")])
    for keys in ([key("ada"), key("eve")], [key(), key()], [], [key(at=i) for i in range(101)]):
        both("batch_get_item", RequestItems={TABLE: {"Keys": keys}})
    delete = {"DeleteRequest": {"Key": key("bob")}}
    for writes in ([delete], [delete, delete], [],
                   [{"DeleteRequest": {"Key": key(at=i)}} for i in range(26)]):
        both("batch_write_item", RequestItems={TABLE: writes})


class Chance:
    """Expressions and items out of a seed."""

    PATHS = ("num", "s", "li", "m", "ss", "ns", "gone", "m.k", "m.n", "m.z", "li[0]", "li[1]", "li[9]",
             "li[2].k", "b")

    def __init__(self, seed):
        self.random = random.Random(seed)

    def value(self, depth=0):
        kinds = "S N N BOOL NULL SS NS".split() + ["L", "M"] * (depth < 2)
        kind = self.random.choice(kinds)
        some = range(self.random.randint(1, 3))
        return {kind: {
            "S": lambda: self.random.choice(("", "a", "ab", "b", "é", "日本")),
            "N": lambda: self.number(),
            "BOOL": lambda: self.random.random() < 0.5,
            "NULL": lambda: True,
            "SS": lambda: sorted({self.random.choice("abcd") for _ in some}),
            "NS": lambda: sorted({str(self.random.randint(0, 5)) for _ in some}),
            "L": lambda: [self.value(depth + 1) for _ in some],
            "M": lambda: {self.random.choice("knz"): self.value(depth + 1) for _ in some},
        }[kind]()}

    def number(self):
        return self.random.choice(("0", "1", "-1", "2.5", "1e20", "-0.001", "12345678901234567890.5",
                                   "1e-20", str(self.random.randint(-50, 50))))

    def item(self):
        names = [path for path in self.PATHS if path.isalpha() and self.random.random() < 0.7]
        return {**ITEM, **{name: self.value() for name in names}}

    def path(self):
        return self.random.choice(self.PATHS)

    def condition(self, depth=0):
        kind = self.random.randint(0, 9 if depth < 2 else 6)
        one, other = self.path(), self.random.choice((":a", ":b", self.path()))
        if kind < 3:
            return f"{one} {self.random.choice(('=', '<>', '<', '<=', '>', '>='))} {other}"
        if kind == 3:
            function = self.random.choice(("begins_with", "contains"))
            return f"{function}({one}, {other})"
        if kind == 4:
            return f"size({one}) {self.random.choice(('=', '<', '>'))} {other}"
        if kind == 5:
            return f"attribute_{self.random.choice(('', 'not_'))}exists({one})"
        if kind == 6:
            return f"{one} IN (:a, {other})"
        parts = [self.condition(depth + 1) for _ in range(2)]
        return (f"NOT {parts[0]}", f"{parts[0]} AND {parts[1]}", f"({parts[0]}) OR {parts[1]}")[kind - 7]

    def term(self, depth=0):
        kind = self.random.randint(0, 6 if depth < 1 else 1)
        if kind < 2:
            return self.random.choice((":a", ":b", self.path()))
        if kind == 2:
            return f"if_not_exists({self.path()}, {self.term(1)})"
        if kind == 3:
            return f"list_append({self.term(1)}, {self.term(1)})"
        return f"{self.term(1)} {self.random.choice('+-')} {self.term(1)}"

    def update(self):
        clauses = []
        if self.random.random() < 0.8:
            clauses.append("SET " + ", ".join(f"{self.path()} = {self.term()}"
                                              for _ in range(self.random.randint(1, 2))))
        if self.random.random() < 0.4:
            clauses.append("REMOVE " + ", ".join(self.path() for _ in range(self.random.randint(1, 2))))
        if self.random.random() < 0.3:
            clauses.append(f"ADD {self.path()} :a")
        if self.random.random() < 0.2 or not clauses:
            clauses.append(f"DELETE {self.path()} :b")
        return " ".join(clauses)

    def values(self, expression):
        names = [name for name in (":a", ":b") if name in expression]
        return {"ExpressionAttributeValues": {name: self.value(1) for name in names}} if names else {}


def expressions_by_chance(chance):
    for _ in range(ROUNDS):
        both("put_item", TableName=TABLE, Item=chance.item())
        condition, update = chance.condition(), chance.update()
        both("scan", TableName=TABLE, FilterExpression=condition, **chance.values(condition))
        both("update_item", TableName=TABLE, Key=key(), UpdateExpression=update, ReturnValues="ALL_NEW",
             **chance.values(update))


def queries_by_chance(chance):
    pick = chance.random.choice
    for at in range(60):
        both("put_item", TableName=TABLE, Item={
            "player": s(pick(("ada", "bob"))), "at": n(chance.number() if at % 2 else at),
            "points": n(chance.random.randint(0, 10**6)), "game": s(pick(("go", "chess"))), "x": s("x")})
    for _ in range(ROUNDS // 4):
        index, hash_name, range_name, value = pick((
            (None, "player", "#at", pick(("ada", "bob", "eve"))),
            ("by-points", "player", "points", pick(("ada", "bob"))),
            ("by-game", "game", "points", pick(("go", "chess")))))
        low, high = sorted(float(chance.random.randint(-50, 10**6)) for _ in range(2))
        said = pick(("", f" AND {range_name} {pick(('=', '<', '<=', '>', '>='))} :low",
                     f" AND {range_name} BETWEEN :low AND :high"))
        values = {":hash": s(value), ":low": n(low), ":high": n(high)}
        params = {
            "TableName": TABLE, "Limit": chance.random.randint(1, 20),
            "ScanIndexForward": pick((True, False)),
            "KeyConditionExpression": f"{hash_name} = :hash{said}",
            "ExpressionAttributeValues": {name: value for name, value in values.items()
                                          if name in ":hash" + said},
            **({"IndexName": index} if index else {}),
            **({"ExpressionAttributeNames": {"#at": "at"}} if "#at" in said else {}),
        }
        for _ in range(4):
            code, answer = both("query", **params)
            if code != "done" or "LastEvaluatedKey" not in answer:
                break
            params["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def main():
    seed = sys.argv[1] if len(sys.argv) > 1 else "20120810"
    chance = Chance(seed)
    make_table()
    expressions_that_are_written_down()
    items_that_are_written_down()
    transactions_and_batches()
    expressions_by_chance(chance)
    queries_by_chance(chance)
    print("\n".join(differences))
    print(f"seed {seed}: {compared} requests, {len(differences)} answered differently")
    sys.exit(1 if differences or compared < 1000 else 0)


main()
