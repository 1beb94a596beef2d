"""Tags text by a tagger that `dsc-train export RUN --to onnx -o FILE` wrote: python3 tag_onnx.py FILE < tokens > tagged
Standard input has a sentence a line, white space between its tokens. Needs onnxruntime and numpy, nothing else."""
import json, re, sys, unicodedata

CASES = {"as is": str, "lower": str.lower, "upper": str.upper,
         "capitalised": lambda text: text.lower()[:1].upper() + text.lower()[1:]}

def key(token, case, first=None, last=None, form=None):
    text = CASES[case](token)[:first][-(last or 0):]
    if not form:
        return text
    kinds = [next((letter for pattern, letter in form["kinds"] if re.fullmatch(pattern, c)), c) for c in text]
    run = form["run"]
    return "".join([k for i, k in enumerate(kinds) if kinds[max(0, i - run):i] != [k] * run][:form["longest"]])

def lexicon(tokens, r, words):
    bare = lambda t: t[:-1] if r["numbered"] and len(t) == 2 and t[1] in "0123456789" else t
    texts = [unicodedata.normalize("NFC", bare(t)).lower() for t in tokens]
    rows, unspaced = [[] for _ in tokens], re.compile(r["unspaced"])
    for a in range(len(texts)):
        word = ""
        for b in range(a, min(len(texts), a + r["longest"])):
            joined = unspaced.fullmatch(word[-1:]) and unspaced.fullmatch(texts[b][:1])
            word += (" " if b > a and r["blanks"] and not joined else "") + texts[b]
            for c in words.get(word, []):
                for i in range(a, b + 1):
                    rows[i].append(1 + 4 * c + (3 if a == b else 0 if i == a else 2 if i == b else 1))
    return [sorted(set(own)) or [0] for own in rows]

def encoder(r):
    """Ids of the tokens of a sentence, by one entry of the description's features."""
    ids = {value: i + 1 for i, value in enumerate(r.get("values", []))}
    if r["kind"] == "lookup":
        return lambda tokens: [next((ids[k] for k in (key(t, **how) for how in r["keys"]) if k in ids), 0) for t in tokens]
    if r["kind"] == "patterns":
        tests = [re.compile(pattern) for pattern in r["patterns"]]
        return lambda tokens: [next(i for i, test in enumerate(tests) if test.fullmatch(t)) for t in tokens]
    if r["kind"] == "characters":
        ends = r["ends"]
        spell = lambda t: [ids.get(c, 0) for c in (t if len(t) <= 2 * ends else t[:ends] + t[-ends:])] or [0]
        return lambda tokens: [spell(t) for t in tokens]
    words = {word: classes for classes, group in r["words"] for word in group}
    return lambda tokens: lexicon(tokens, r, words)

if __name__ == "__main__":
    import numpy as np, onnxruntime
    session = onnxruntime.InferenceSession(sys.argv[1])
    about = json.loads(session.get_modelmeta().custom_metadata_map["dsc-train"])
    encoders = {r["input"]: encoder(r) for r in about["features"]}
    for tokens in filter(None, (line.split() for line in sys.stdin)):
        feeds = {"lengths": np.array([len(tokens)], np.int64)}
        for name, encode in encoders.items():
            rows = encode(tokens)
            most = max(len(row) if isinstance(row, list) else 0 for row in rows)
            feeds[name] = np.array([row + [-1] * (most - len(row)) if most else row for row in rows], np.int64)
        probabilities, tags = session.run(["probabilities", "tags"], feeds)
        print("".join(f"{t}\t{about['tags'][i]}\t{p.max():.4f}\n" for t, i, p in zip(tokens, tags, probabilities)))
