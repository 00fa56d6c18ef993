"""Proves a Seatbox recording against a printed head:  python3 prove_recording.py FILE PROOF HEAD
FILE: the recording (WAV, or FLAC where `soundfile` is installed). PROOF: the JSON of `seatbox proof`. HEAD: the 64 characters that were
printed on or after the day of the call, and kept outside of the box. Exit 0: it is what was recorded."""

import hashlib, json, pathlib, struct, sys  # noqa: E401, I001


def header(riff, data):
    return struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 2, 8000, 32000, 4, 16, b"data", data)


def entry_hash(entry):
    chain = hashlib.blake2b(bytes.fromhex(entry["before"]), digest_size=32, person=b"seatbox journal1")
    chain.update(struct.pack(">QqqB", entry["number"], entry["at_ms"], entry["utc_ms"], entry["utc_trusted"]))
    for part in (entry["boot"].encode(), entry["tenant"].encode(), entry["kind"].encode(), bytes.fromhex(entry["body"])):
        chain.update(struct.pack(">I", len(part)) + part)
    return chain.digest()


def text(name, value):  # a field of the entry's body as msgpack writes it
    size = bytes([0xA0 + len(value)]) if len(value) < 32 else bytes([0xD9, len(value)])
    return bytes([0xA0 + len(name)]) + name.encode() + size + value.encode()


def findings(data, proof, printed):
    head, seal, blocks, body = proof["head"], proof["seal"], proof["blocks"], bytes.fromhex(proof["seal"]["body"])
    total = hashlib.blake2b(b"".join(map(bytes.fromhex, blocks)), digest_size=32).hexdigest()
    if head["kind"] != "HeadPrinted" or entry_hash(head).hex() != printed.strip().lower():
        yield "the proof does not lead to the printed head"
    elif seal["kind"] != "RecordingSealed" or entry_hash(seal) not in bytes.fromhex(head["body"]):
        yield "the printed head does not know this seal"
    elif text("call", proof["call"]) not in body or text("blocks", total) not in body:
        yield "the seal is not of this call and these blocks"
    growing, true = header(0xFFFFFFFF, 0xFFFFFFFF), header(proof["size"] - 8, (proof["size"] - 44) // 4 * 4)
    for index, begin in enumerate([0, *range(44, max(len(data), proof["size"], 45), 16_000)]):  # the header, then blocks of 0.5 s
        found = data[begin : begin + 16_000 if index else 44]
        digest = hashlib.blake2b(growing if found == true else found, digest_size=32).hexdigest()
        if index >= len(blocks) or digest != blocks[index]:
            where = f"second {(index - 1) / 2:.1f} to {index / 2:.1f}" if index else "the header"
            other = f"what was recorded at second {(blocks.index(digest) - 1) / 2:.1f} stands there" if digest in blocks else "is changed"
            yield f"{where}: {'is missing' if not found else 'is more than was recorded' if index >= len(blocks) else other}"


if __name__ == "__main__":
    data, proof = pathlib.Path(sys.argv[1]).read_bytes(), json.loads(pathlib.Path(sys.argv[2]).read_text())
    if data[:4] == b"fLaC":
        samples = __import__("soundfile").read(sys.argv[1], dtype="int16")[0]
        data = header(proof["size"] - 8, proof["size"] - 44) + samples.astype("<i2").tobytes()
    wrong = [f"call {proof['call']}: {line}" for line in findings(data, proof, sys.argv[3])]
    sys.exit("\n".join(wrong) or print(f"call {proof['call']} is what was recorded"))
