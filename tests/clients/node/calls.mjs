// Calls the official Node client: a call a line in on standard input, its outcome a line out, as JSON.
// Knows neither a route nor what is right: the client knows the one, the tests the other.
//
//   node calls.mjs FOLDER SERVER_URL      FOLDER holds the node_modules with the client
//   in:   {"key": "cdk_…", "method": "getCustomer", "arguments": ["cust_1"]}      null stands for undefined
//   out:  {"value": …} or {"error": {"class": "SDKError", "status": 404, "message": "…", …}}
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const TIMEOUT_MS = 30_000;

const [folder, serverURL] = process.argv.slice(2);
const { resolve } = createRequire(`${folder}/`);
const { FlexPriceError, Flexprice } = await import(pathToFileURL(resolve("@flexprice/sdk")));

function describe(error) {
  return {
    class: error.constructor.name,
    is_answer: error instanceof FlexPriceError,
    status: error.statusCode ?? null,
    message: error.message,
    success: error.success ?? null,
    nested: error.error ?? null,
    body: error.body ?? null,
  };
}

async function outcome({ key, method, arguments: values }) {
  const { customers } = new Flexprice({ serverURL, apiKeyAuth: key, timeoutMs: TIMEOUT_MS });
  try {
    return { value: (await customers[method](...values.map((value) => value ?? undefined))) ?? null };
  } catch (error) {
    return { error: describe(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await outcome(JSON.parse(line))));
}
