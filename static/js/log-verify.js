/* The visitor's browser checks a receipt of the transparency log by itself (RFC 9162, sections 2.1.3 and 2.1.4). */
const place = document.querySelector("[data-verify]");
const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/* A step that did not come out: its text is meant for the reader. */
class Refusal extends Error {}

const own = {};

async function libraries() {
  try {
    const [ed, hashes] = await Promise.all([
      import("../npm/noble-ed25519/index.js"),
      import("../npm/noble-hashes/sha2.js"),
    ]);
    ed.hashes.sha512 = hashes.sha512;
    own.ed = ed;
    own.sha256 = hashes.sha256;
  } catch (error) {
    /* On a secure page WebCrypto may be enough. */
    own.failure = error;
  }
}

function subtle() {
  return window.crypto && window.crypto.subtle;
}

async function sha256(bytes) {
  if (subtle()) {
    return new Uint8Array(await subtle().digest("SHA-256", bytes));
  }
  if (!own.sha256) {
    throw new Refusal("这台服务器没有装上核验所需的程序，浏览器无法计算。请用别的程序核验。");
  }
  return own.sha256(bytes);
}

async function signed(signature, message, key) {
  if (own.ed) {
    return own.ed.verify(signature, message, key);
  }
  try {
    const read = await subtle().importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return await subtle().verify({ name: "Ed25519" }, read, signature, message);
  } catch {
    throw new Refusal("这个浏览器不能核验 Ed25519 签名，服务器也没有装上所需的程序。请用别的程序核验。");
  }
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
}

function fromHex(text) {
  if (!/^([0-9a-f]{2})*$/.test(text)) {
    throw new Refusal("证明里有不认识的内容。");
  }
  return Uint8Array.from(text.match(/../g) || [], (one) => parseInt(one, 16));
}

function hex(bytes) {
  return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
}

function joined(first, ...parts) {
  const found = new Uint8Array(1 + parts.reduce((sum, one) => sum + one.length, 0));
  found[0] = first;
  let at = 1;
  for (const one of parts) {
    found.set(one, at);
    at += one.length;
  }
  return found;
}

function node(left, right) {
  return sha256(joined(1, left, right));
}

/* Numbers may pass 2 to the power of 31: no bit operators. */
const odd = (number) => number % 2 === 1;
const half = (number) => Math.floor(number / 2);

async function climb(proof, seq, size, each) {
  let position = seq;
  let last = size - 1;
  for (const one of proof) {
    if (last === 0) {
      throw new Refusal("证明过长。");
    }
    const isRight = odd(position) || position === last;
    await each(one, isRight);
    if (isRight) {
      while (!odd(position) && position !== 0) {
        position = half(position);
        last = half(last);
      }
    }
    position = half(position);
    last = half(last);
  }
  if (last !== 0) {
    throw new Refusal("证明不完整。");
  }
}

async function rootOf(leaf, seq, size, proof) {
  let found = await sha256(joined(0, leaf));
  await climb(proof, seq, size, async (one, isRight) => {
    found = isRight ? await node(one, found) : await node(found, one);
  });
  return hex(found);
}

async function extended(first, second, proof) {
  if (first.size === second.size) {
    return proof.length === 0 && first.root === second.root;
  }
  if (first.size === 0) {
    return proof.length === 0 && first.root === EMPTY;
  }
  let position = first.size - 1;
  let last = second.size - 1;
  while (odd(position)) {
    position = half(position);
    last = half(last);
  }
  const path = position === 0 ? [fromHex(first.root), ...proof] : proof;
  if (path.length === 0) {
    return false;
  }
  let before = path[0];
  let after = path[0];
  await climb(path.slice(1), position, last + 1, async (one, isRight) => {
    if (isRight) {
      before = await node(one, before);
      after = await node(one, after);
    } else {
      after = await node(after, one);
    }
  });
  return hex(before) === first.root && hex(after) === second.root;
}

async function get(address) {
  const answer = await fetch(address, { cache: "no-store" });
  if (!answer.ok) {
    throw new Refusal("取不到 " + address + "（" + answer.status + "）。");
  }
  return answer;
}

async function getJson(address) {
  return (await get(address)).json();
}

function checkpointText(one) {
  return new TextEncoder().encode([one.origin, one.size, one.root, one.at, ""].join("\n"));
}

function must(holds, sentence) {
  if (!holds) {
    throw new Refusal(sentence);
  }
}

async function mustBeSigned(checkpoint, key) {
  const good = await signed(fromBase64(checkpoint.signature), checkpointText(checkpoint), fromBase64(key.public_key));
  must(good, "凭证数为 " + checkpoint.size + " 的检查点签名不对。");
}

/* Of a masked announcement: the digest of what was published first. */
function originalOf(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes)).original_sha256;
  } catch {
    return "";
  }
}

const seen = {};
const VALID = "核验通过：这份存证凭证有效，";

/* A receipt whose leaf says what it should. */
async function receiptOf(seq, kind, ref) {
  const receipt = await getJson(place.dataset.log + "receipt/" + seq + ".json");
  const leafBytes = fromBase64(receipt.leaf);
  const leaf = JSON.parse(new TextDecoder().decode(leafBytes));
  const told = [leaf.seq, receipt.seq, leaf.kind, leaf.ref];
  must(
    JSON.stringify(told) === JSON.stringify([seq, seq, kind, ref]),
    "取回的凭证不是第 " + seq + " 号，或说的是别的事。"
  );
  must(receipt.size === receipt.checkpoint.size, "第 " + seq + " 号凭证和检查点的凭证数不同。");
  return { receipt, leafBytes, leaf };
}

async function mustBeIncluded(one) {
  const receipt = one.receipt;
  const root = await rootOf(one.leafBytes, receipt.seq, receipt.size, receipt.proof.map(fromHex));
  must(root === receipt.checkpoint.root, "算出的树根 " + root + " 与检查点不同：第 " + receipt.seq + " 号凭证不在日志里。");
  return root;
}

/* The newest checkpoint grew out of the receipt's. */
async function mustBeExtended(first) {
  await mustBeSigned(seen.newest, seen.key);
  must(first.size <= seen.newest.size && first.origin === seen.newest.origin, "最新检查点比凭证的检查点还旧。");
  const found = await getJson(place.dataset.log + "consistency?first=" + first.size + "&second=" + seen.newest.size);
  must(await extended(first, seen.newest, found.proof.map(fromHex)), "最新检查点不是由这个检查点延续而来。");
}

/* What is served is not what the leaf is of: a redaction of its own must stand in the log for exactly these bytes. */
async function redactedTo(bytes, digest) {
  const changed = "现在的存证原文算出 " + digest + "，凭证中是 " + seen.leaf.sha256;
  must(place.dataset.redaction !== "", changed + "，日志里也没有遮蔽凭证：内容已被改动。");
  must(seen.leaf.kind === "redaction" || originalOf(bytes) === seen.leaf.sha256, changed + "：内容已被改动。");
  const seq = Number(place.dataset.redaction);
  const redaction = await receiptOf(seq, "redaction", seen.leaf.ref);
  must(redaction.leaf.sha256 === digest, changed + "，第 " + seq + " 号遮蔽凭证中是 " + redaction.leaf.sha256 + "：内容已被改动。");
  await mustBeIncluded(redaction);
  await mustBeSigned(redaction.receipt.checkpoint, seen.key);
  await mustBeExtended(redaction.receipt.checkpoint);
  seen.verdict = VALID + "公告后来遮蔽过，遮蔽后的内容与第 " + seq + " 号凭证一致。";
  return "这条公告后来遮蔽过个人信息：遮蔽后的内容 SHA-256 " + digest + "，与第 " + seq + " 号凭证（遮蔽）一致，该凭证也在日志里。";
}

const steps = {
  async fetch() {
    const log = place.dataset.log;
    Object.assign(seen, await receiptOf(Number(place.dataset.seq), place.dataset.kind, place.dataset.ref));
    seen.key = await getJson(log + "key");
    seen.newest = await getJson(log + "checkpoint");
    return "凭证写于 " + seen.leaf.at + "。";
  },
  async bytes() {
    const bytes = new Uint8Array(await (await get(place.dataset.bytes)).arrayBuffer());
    const found = hex(await sha256(bytes));
    if (found === seen.leaf.sha256) {
      return "SHA-256 " + found;
    }
    return redactedTo(bytes, found);
  },
  async inclusion() {
    return "树根 " + (await mustBeIncluded(seen));
  },
  async signature() {
    await mustBeSigned(seen.receipt.checkpoint, seen.key);
    return "检查点有 " + seen.receipt.checkpoint.size + " 份凭证，签于 " + seen.receipt.checkpoint.at + "。";
  },
  async consistency() {
    await mustBeExtended(seen.receipt.checkpoint);
    return "最新检查点有 " + seen.newest.size + " 份凭证，签于 " + seen.newest.at + "。";
  },
};

function show(element, state, mark, more) {
  element.dataset.state = state;
  element.querySelector("[data-mark]").textContent = mark;
  element.querySelector("[data-more]").textContent = more;
}

async function run() {
  const verdict = place.querySelector("[data-verdict]");
  await libraries();
  for (const element of place.querySelectorAll("[data-step]")) {
    show(element, "busy", "计算中", "");
    try {
      show(element, "good", "相符", await steps[element.dataset.step]());
    } catch (error) {
      show(element, "bad", "不符", error instanceof Refusal ? error.message : "这一步没有完成：" + error.message);
      verdict.dataset.state = "bad";
      verdict.textContent = "核验不通过：请保存本页，并联系本中心或监督部门。";
      return;
    }
  }
  verdict.dataset.state = "good";
  verdict.textContent = seen.verdict || VALID + "内容与" + (seen.leaf.kind === "redaction" ? "遮蔽时" : "发布时") + "一致。";
}

if (place) {
  run();
}
