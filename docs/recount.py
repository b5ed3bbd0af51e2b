"""Recount a survey of «Никто, кроме нас!» by its published log (docs/survey-log.md); exit code 1: it differs.

python recount.py FILE [--receipt RECEIPT] [--key HEX]: needs nothing; the signature needs `cryptography`."""
import json
import re
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from functools import reduce
from hashlib import sha256

OPENS = {"vote": "ballots", "legislative": "ballots", "survey": "answers", "satisfaction": "answers"}
LONGEST, WORDS, WHEN, LISTS = 4 << 20, '".*"', '"[-0-9T:.Z]{27}"', ("options", "rows", "columns")
SIGNED = "niktokromenas survey head {} {size} {root} {content} {sealed_at}"
AMOUNT = r"(?!-0$)-?((0|[1-9]\d{0,8})(\.\d{0,5}[1-9])?|10{9})"
ID, HASH, COUNT = '"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"', '"[0-9a-f]{64}"', r"(0|[1-9]\d{0,14})"
ANNOUNCED = ("id", "number", "kind", "secrecy", "title", "about", "starts_at", "ends_at")
RECEIPT = re.compile(r"nk1\.([0-9a-f]{32})\.([0-9a-f]{64})\.([0-9a-f]{64})")
FORMS = {  # in order, what a line of each type must have, as patterns of its JSON; it may have more
    "survey": {**dict.fromkeys(ANNOUNCED, WORDS), "format": '"niktokromenas-survey-log"', "version": "1",
               "id": ID, "kind": f'"({"|".join(OPENS)})"', "opens": '"(ballots|answers|nothing)"'},
    "question": {"code": WORDS, "answered": '"(chosen|scaled|cells|ranked|text|amount|day|spot)"'},
    "head": {"size": COUNT, "root": HASH, "content": HASH, "sealed_at": WHEN,
             "signature": '".{128}"', "public_key": HASH},
    "tally": {"question": WORDS, "cells": r'\{("[^"]*": -?\d{1,60}(, )?)*\}'}, "leaf": {"leaf": HASH},
    "answer": {"question": WORDS, "answer": r"\{.*\}", "ballots": r"[1-9]\d{0,14}"}, "end": {}}

def refuse(why):
    sys.exit(f"Этот файл прочитать нельзя: {why}")

def written(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()  # RFC 8785

def joined(right, left):
    return sha256(b"\x01" + left + right).digest()

def cells_of(ask, answer):
    """What one answer adds, by cell; `None` or an error: none can answer so. What is kept back is `true`."""
    kind, own, more = ask["answered"], ["other"] * ("other" in answer), answer.get("other")
    options, rows, columns = ({each["code"] for each in ask.get(name, ())} for name in LISTS)
    value, cells, right = answer[kind], {}, answer.keys() == {kind, *own}
    right &= not own or (kind == "chosen" and ask["other"] is True and (more is True or type(more) is str))
    if kind == "chosen":
        cells = {f"o:{code}": 1 for code in value + own}
        right &= value == sorted({*value} & options) and max(1, ask["least"]) <= len(cells) <= ask["most"]
    elif kind == "ranked":
        cells = {f"p:{place}:{code}": 1 for place, code in enumerate(value, 1)}
        right &= type(value) is list and len(set(value) & options) == len(value) == ask["places"]
    elif kind == "cells":
        cells = {f"r:{row}:{column}": 1 for row, column in value.items()}
        right &= set() < set(value) <= rows and set(value.values()) <= columns
    elif kind == "scaled":
        cells, right = {f"v:{value}": 1}, right and type(value) is int and ask["low"] <= value <= ask["high"]
    elif kind == "day":
        cells, days = {f"d:{value}": 1}, [ask["first"], value, ask["last"]]
        right &= days == sorted(days) and all(date.fromisoformat(each).isoformat() == each for each in days)
    elif kind == "amount":
        steps = Decimal(re.fullmatch(AMOUNT, value, re.ASCII)[0]).scaleb(range(7)[ask["decimals"]])
        right &= Decimal(ask["low"]) <= Decimal(value) <= Decimal(ask["high"]) and steps == int(steps)
        cells = {"sum": int(steps), "squares": int(steps) ** 2}
    else:
        right &= value is True or type(value) is {"text": str, "spot": list}[kind]
    return {"n": 1, **cells} if right else None

def recounted(file, receipt, wrong, seen):
    """The file's single lines, its counts, why the receipt is not there; `wrong` gets every difference."""
    said, questions, published, counted, peaks = {}, {}, {}, {}, []
    last, lost = {"leaf": "", "answer": (-1, b"")}, receipt and "листа нет: ответ потом заменили или не учли"
    while text := file.readline(LONGEST + 1):
        seen["line"], where = seen["line"] + 1, f"строка {seen['line'] + 1}"
        line = json.loads(text.decode() if len(text) <= LONGEST else refuse(f"{where}: слишком длинная"))
        kind, answers, times, seen[line["type"]] = line["type"], {}, 1, seen[line["type"]] + 1
        now, later = seen[kind], list(FORMS)[list(FORMS).index(kind) + 1 :]
        if any(seen[each] for each in later) or (kind in said and kind in ("survey", "head", "end")):
            refuse(f"{where}: не на своём месте")
        for name, form in FORMS[kind].items():
            re.fullmatch(form, json.dumps(line[name]), re.ASCII) or refuse(f"{where}: неверное поле {name}")
        said[kind] = line
        if kind == "question":
            line["code"] in questions and refuse(f"{where}: вопрос повторяется")
            questions[line["code"]], published[line["code"]], counted[line["code"]] = line, {}, Counter()
        elif kind == "head":
            words = {name: said["survey"][name] for name in ANNOUNCED} | {"questions": [*questions.values()]}
            sha256(written(words)).hexdigest() == line["content"] or wrong.append("content: объявляли другое")
        elif kind == "tally":
            published[line["question"]].update(line["cells"])
        elif kind == "leaf":
            now, salt, size = line["leaf"], line.get("salt", ""), now - 1
            peaks.append(sha256(b"\x00" + bytes.fromhex(now)).digest())
            while size % 2:
                peaks, size = [*peaks[:-2], joined(peaks[-1], peaks[-2])], size // 2
            if said["survey"]["opens"] == "ballots":
                answers = line["answers"]
                is_kept = any(part is True for answer in answers.values() for part in answer.values())
                opened = sha256(bytes.fromhex(salt) + written(answers)).hexdigest() == now and len(salt) == 64
                (answers and (not salt if is_kept else opened)) or wrong.append(f"leaf: {where}: другой лист")
            if receipt and receipt[3] == now:
                lost = "" if salt in ("", receipt[2]) else "её лист в журнале с другой солью"
        elif kind == "answer":
            answers, times = {line["question"]: line["answer"]}, line["ballots"]
            said["survey"]["opens"] == "answers" or refuse(f"{where}: не на своём месте")
            now = list(questions).index(line["question"]), written(line["answer"])
        last.get(kind, 0) < now or wrong.append(f"order: {where}: не на своём месте или повторяется")
        last[kind] = now
        for code, one in answers.items():
            try:
                counted[code].update({cell: n * times for cell, n in cells_of(questions[code], one).items()})
            except Exception:
                wrong.append(f"answer: {where}: на вопрос {code!a} так не отвечают")
    survey, head, _ = (said.get(kind) or refuse("обрывается") for kind in ("survey", "head", "end"))
    root = (reduce(joined, reversed(peaks)) if peaks else sha256().digest()).hex()
    survey["opens"] in ("nothing", OPENS[survey["kind"]]) or wrong.append("opens: раскрыто не то")
    seen["leaf"] == head["size"] or wrong.append(f"count: листьев {seen['leaf']}, а подписано {head['size']}")
    root == head["root"] or wrong.append(f"root: корень {root}, а подписан {head['root']}")
    for code in questions:
        counted[code]["n"] <= seen["leaf"] or wrong.append(f"tally: {code!a}: ответов больше, чем бюллетеней")
        for cell in sorted({*published[code], *counted[code]}):
            one, other = published[code].get(cell, 0), counted[code][cell]
            one == other or wrong.append(f"tally: {code!a} {cell!a}: опубликовано {one}, насчитано {other}")
    lost = "она от другого опроса" if receipt and receipt[1] != survey["id"].replace("-", "") else lost
    return survey, head, counted, lost

def main(path="", *words):
    wrong, seen, note, receipt = [], Counter(), "", next(filter(None, map(RECEIPT.fullmatch, words)), None)
    key = next((each.lower() for each in words if re.fullmatch("[0-9a-fA-F]{64}", each)), None)
    (path and len(words) == bool(receipt) + bool(key)) or sys.exit("Нужны: журнал, [квитанция], [ключ]")
    try:
        with open(path, "rb") as file:
            survey, head, counted, lost = recounted(file, receipt, wrong, seen)
    except Exception:
        refuse(f"строка {seen['line']}: это не запись журнала" if seen["line"] else "он не открывается")
    own, said = head["public_key"], SIGNED.format(survey["id"], **head)
    try:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey as Key
        Key.from_public_bytes(bytes.fromhex(own)).verify(bytes.fromhex(head["signature"]), said.encode())
    except Exception as error:
        note = "(подпись не проверена)" if isinstance(error, ImportError) else ""
        note or wrong.append("signature: подпись не сходится")
    key in (None, own) or wrong.append(f"key: файл подписан ключом {own}, а не {key}")
    print("\n".join(f"{code!a}: {dict(sorted(cells.items()))!a}" for code, cells in counted.items()))
    print(f"Листьев: {seen['leaf']}, подписано: {head['size']}", note)
    print("Ключ указан верно:" if key == own else "Ключ из файла (у платформы: /api/v1/survey-key):", own)
    print("\n".join(f"Не сходится: {each}" for each in wrong) or "Журнал сходится.")
    receipt and print(f"Квитанция: {lost or 'её лист в журнале'}")
    sys.exit(bool(wrong or lost))

if __name__ == "__main__":
    main(*(each.strip() for each in sys.argv[1:] if each not in ("--receipt", "--key")))
