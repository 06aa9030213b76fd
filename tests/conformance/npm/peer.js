// The npm package dicomweb-client, driven line by line: one call as JSON on standard
// input, one outcome as JSON on standard output. Binary values travel as base64.
const readline = require("node:readline");

globalThis.XMLHttpRequest = require("xhr2");
const { api } = require("dicomweb-client");

const [url, token] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}` };
const clients = {
  multipart: new api.DICOMwebClient({ url, headers, verbose: false }),
  singlepart: new api.DICOMwebClient({
    url,
    headers,
    verbose: false,
    singlepart: true,
  }),
};

// The package has no call that deletes.
async function deleteAt(path) {
  const answer = await fetch(url + path, { method: "DELETE", headers });
  return answer.status;
}

function decoded(value) {
  if (Array.isArray(value)) return value.map(decoded);
  if (value === null || typeof value !== "object") return value;
  if ("base64" in value) {
    return Uint8Array.from(Buffer.from(value.base64, "base64")).buffer;
  }
  const pairs = Object.entries(value).map(([key, each]) => [key, decoded(each)]);
  return Object.fromEntries(pairs);
}

function encoded(value) {
  if (Array.isArray(value)) return value.map(encoded);
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return { base64: Buffer.from(value).toString("base64") };
  }
  return value;
}

async function outcome({ client, method, options }) {
  if (method === "delete") return { result: await deleteAt(options.path) };
  try {
    const result = await clients[client][method](decoded(options));
    return { result: encoded(result) };
  } catch (error) {
    return { error: error.message, status: error.status ?? null };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await outcome(JSON.parse(line)))}\n`);
  }
}

main();
