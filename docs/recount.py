"""Recount a survey of «Никто, кроме нас!» by its published log (docs/survey-log.md); exit code 1: it differs.

python recount.py FILE [--receipt RECEIPT]: needs nothing; with the package `cryptography` the signature, too.
"""
import hashlib
import json
import re
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import reduce

ORDER = ("survey", "question", "head", "tally", "leaf", "answer", "end")
OPENS = {"vote": "ballots", "legislative": "ballots", "survey": "answers", "satisfaction": "answers"}
BROKEN = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
LONGEST, WORDS, LISTS = 4 << 20, '".*"', ("options", "rows", "columns")
AMOUNT = r"(?!-0$)-?((0|[1-9]\d{0,8})(\.\d{0,5}[1-9])?|10{9})"
ID, HASH, COUNT = '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"', '"[0-9a-f]{64}"', r"(0|[1-9]\d{0,14})"
FORMS = {  # what a line of each type must have, as patterns of its JSON; what more it has does not matter
    "survey": {"format": '"niktokromenas-survey-log"', "version": "1", "id": ID,
               "kind": f'"({"|".join(OPENS)})"', "opens": '"(ballots|answers|nothing)"'},
    "question": {"code": WORDS, "answered": '"(chosen|scaled|cells|ranked|text|amount|day|spot)"'},
    "head": {"size": COUNT, "root": HASH, "sealed_at": WORDS, "signature": '".{128}"', "public_key": HASH},
    "tally": {"question": WORDS, "cells": r'\{("[^"]*": -?\d{1,60}(, )?)*\}'}, "leaf": {"leaf": HASH},
    "answer": {"question": WORDS, "answer": r"\{.*\}", "ballots": r"[1-9]\d{0,14}"}, "end": {},
}

def refuse(why):
    raise ValueError(why)

def written(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()  # RFC 8785

def joined(right, left):
    return hashlib.sha256(b"\x01" + left + right).digest()

def cells_of(asked, answer):
    """What one answer adds, by cell; raises where nobody can answer so. What is kept back is `true`."""
    kind, own, cells = asked["answered"], ["other"] * ("other" in answer), {}
    options, rows, columns = ({each["code"] for each in asked.get(name, ())} for name in LISTS)
    value, right = answer[kind], answer.keys() == {kind, *own} and (not own or asked["other"] is True)
    right &= not own or (kind == "chosen" and (answer["other"] is True or type(answer["other"]) is str))
    if kind == "chosen":
        cells = {f"o:{code}": 1 for code in value + own}
        right &= value == sorted({*value} & options) and max(1, asked["least"]) <= len(cells) <= asked["most"]
    elif kind == "ranked":
        cells = {f"p:{place}:{code}": 1 for place, code in enumerate(value, 1)}
        right &= type(value) is list and len(set(value) & options) == len(value) == asked["places"]
    elif kind == "cells":
        cells = {f"r:{row}:{column}": 1 for row, column in value.items()}
        right &= set() < set(value) <= rows and set(value.values()) <= columns
    elif kind == "scaled":
        cells = {f"v:{value}": 1}
        right &= type(value) is int and asked["low"] <= value <= asked["high"]
    elif kind == "day":
        cells, days = {f"d:{value}": 1}, [asked["first"], value, asked["last"]]
        right &= days == sorted(days) and all(date.fromisoformat(each).isoformat() == each for each in days)
    elif kind == "amount":
        steps = Decimal(re.fullmatch(AMOUNT, value, re.ASCII)[0]).scaleb(range(7)[asked["decimals"]])
        right &= Decimal(asked["low"]) <= Decimal(value) <= Decimal(asked["high"]) and steps == int(steps)
        cells = {"sum": int(steps), "squares": int(steps) ** 2}
    else:
        right &= value is True or type(value) is {"text": str, "spot": list}[kind]
    return {"n": 1, **cells} if right else refuse("так не отвечают")

def recounted(file, receipt, wrong):
    """The file's single lines and its counts; `wrong` gets every difference: its code, and words."""
    said, seen, questions, published, counted, peaks = {}, Counter(), {}, {}, {}, []
    last, found = {"leaf": "", "answer": (-1, b"")}, "нет в журнале"
    while text := file.readline(LONGEST + 1):
        line = json.loads(text.decode() if len(text) <= LONGEST else refuse("слишком длинная строка"))
        kind, answers, ballots, seen[line["type"]] = line["type"], {}, 1, seen[line["type"]] + 1
        where, now, later = f"{kind} {seen[kind]}", seen[kind], ORDER[ORDER.index(kind) + 1 :]
        if any(seen[each] for each in later) or (kind in said and kind in ("survey", "head", "end")):
            refuse(f"{where}: строка не на своём месте")
        for name, form in FORMS[kind].items():
            re.fullmatch(form, json.dumps(line[name]), re.ASCII) or refuse(f"{where}: неверное поле {name}")
        said[kind] = line
        if kind == "question":
            line["code"] in questions and refuse("вопрос повторяется")
            questions[line["code"]], published[line["code"]], counted[line["code"]] = line, {}, Counter()
        elif kind == "tally":
            published[line["question"]].update(line["cells"])
        elif kind == "leaf":
            now, salt, size = line["leaf"], line.get("salt", ""), now - 1
            peaks.append(hashlib.sha256(b"\x00" + bytes.fromhex(now)).digest())
            while size % 2:
                peaks, size = [*peaks[:-2], joined(peaks[-1], peaks[-2])], size // 2
            if said["survey"]["opens"] == "ballots":
                answers = line["answers"]
                is_kept = any(part is True for answer in answers.values() for part in answer.values())
                opened = hashlib.sha256(bytes.fromhex(salt) + written(answers)).hexdigest() == now
                if not answers or not (salt == "" if is_kept else opened and len(salt) == 64):
                    wrong.append(f"leaf: {where}: выбор и соль дают другой лист")
            if receipt and receipt[2] == now:
                found = "" if salt in ("", receipt[1]) else "лежит в журнале с другой солью"
        elif kind == "answer":
            answers, ballots = {line["question"]: line["answer"]}, line["ballots"]
            said["survey"]["opens"] == "answers" or refuse(f"{where}: строка не на своём месте")
            now = list(questions).index(line["question"]), written(line["answer"])
        last.get(kind, 0) < now or wrong.append(f"order: {where}: не на своём месте или повторяется")
        last[kind] = now
        for code, answer in answers.items():
            try:
                cells = cells_of(questions[code], answer).items()
                counted[code].update({cell: one * ballots for cell, one in cells})
            except BROKEN:
                wrong.append(f"answer: {where}: на вопрос {code!a} так не отвечают")
    survey, head, _ = (said.get(kind) or refuse("файл обрывается") for kind in ("survey", "head", "end"))
    root = (reduce(joined, reversed(peaks)) if peaks else hashlib.sha256().digest()).hex()
    survey["opens"] in ("nothing", OPENS[survey["kind"]]) or wrong.append("opens: раскрыто не то")
    seen["leaf"] == head["size"] or wrong.append(f"count: листьев {seen['leaf']}, а подписано {head['size']}")
    root == head["root"] or wrong.append(f"root: корень {root}, а подписан {head['root']}")
    receipt and found and wrong.append(f"receipt: лист квитанции {found}")
    for code in questions:
        counted[code]["n"] <= seen["leaf"] or wrong.append(f"tally: {code!a}: ответов больше, чем бюллетеней")
        for cell in sorted({*published[code], *counted[code]}):
            one, other = published[code].get(cell, 0), counted[code][cell]
            one == other or wrong.append(f"tally: {code!a} {cell!a}: опубликовано {one}, насчитано {other}")
    return survey, head, counted

def is_signed(survey, head):
    words = f"niktokromenas survey head {survey['id']} {head['size']} {head['root']} {head['sealed_at']}"
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(head["public_key"]))
        return key.verify(bytes.fromhex(head["signature"]), words.encode()) is None
    except Exception as error:
        return None if isinstance(error, ImportError) else False

def main(path, words=None):
    wrong, form = [], r"nk1\.[0-9a-f]{32}\.([0-9a-f]{64})\.([0-9a-f]{64})"
    receipt = words is not None and (re.fullmatch(form, words.strip()) or sys.exit("Это не квитанция"))
    try:
        with open(path, "rb") as file:
            survey, head, counted = recounted(file, receipt, wrong)
    except (OSError, *BROKEN) as error:
        sys.exit(f"Этот файл прочитать нельзя: {error!s:.200}")
    signed = is_signed(survey, head)
    signed is False and wrong.append("signature: подпись не сходится")
    for code, cells in counted.items():
        print(f"{code!a}: {dict(sorted(cells.items()))!a}")
    print(f"Листьев: {head['size']}, ключ: {head['public_key']}", "(подпись не проверена)" * (signed is None))
    print("\n".join(f"Не сходится: {each}" for each in wrong) or "Всё сходится.")
    sys.exit(bool(wrong))

if __name__ == "__main__":
    main(*(each for each in sys.argv[1:] if each != "--receipt"))
