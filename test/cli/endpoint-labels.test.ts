/** Labels by a language model, against a server that answers as such endpoints do, and as they should not. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type Endpoint, endpointOf, labelByEndpoint } from "../../src/cli/interpret/endpoint-labels.js";

interface Asked {
  readonly path: string | undefined;
  readonly authorization: string | undefined;
  readonly body: {
    readonly model: string;
    readonly messages: readonly { readonly role: string; readonly content: string }[];
  };
}

let answer: (response: ServerResponse, asked: Asked) => void;
const asked: Asked[] = [];

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = JSON.parse(await text(request)) as Asked["body"];
  const one = { path: request.url, authorization: request.headers.authorization, body };
  asked.push(one);
  answer(response, one);
}

const server = createServer((request, response) => void serve(request, response));
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
afterEach(() => {
  asked.length = 0;
  delete process.env["VITRINE_LABEL_KEY"];
});

const says = (content: string) => (response: ServerResponse) => {
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ choices: [{ message: { role: "assistant", content } }] }));
};

const HEADS = [
  { layer: 3, head: 0, texts: ["something red", "a dog", "blue"] },
  { layer: 3, head: 1, texts: ["round", "a circle", "a disc"] },
];
const endpoint = (options: { labelTimeout?: number } = {}): Endpoint =>
  endpointOf({ labelEndpoint: `${address}/v1/`, labelModel: "tiny", ...options })!;

describe("labelByEndpoint", () => {
  test("asks once per head, and takes label and verdicts", async () => {
    process.env["VITRINE_LABEL_KEY"] = "secret";
    const answers = [
      '{"property": "Colours", "fitting": [1, 3]}',
      'Sure!\n```json\n{"property":"shape","fitting":[]}\n```',
    ];
    answer = (response) => {
      says(answers[asked.length - 1]!)(response);
    };
    const readings = await labelByEndpoint(HEADS, endpoint());
    expect(readings).toEqual([
      {
        layer: 3,
        head: 0,
        label: "colour",
        texts: [
          { text: "something red", agrees: true },
          { text: "a dog", agrees: false },
          { text: "blue", agrees: true },
        ],
      },
      { layer: 3, head: 1, label: "shape", texts: HEADS[1]!.texts.map((one) => ({ text: one, agrees: false })) },
    ]);
    expect(asked.map(({ path }) => path)).toEqual(["/v1/chat/completions", "/v1/chat/completions"]);
    expect(asked[0]!.authorization).toBe("Bearer secret");
    expect(asked[0]!.body.model).toBe("tiny");
    expect(asked[0]!.body.messages.at(-1)!.content).toBe("1. something red\n2. a dog\n3. blue");
  });

  test("sends no key that is not set", async () => {
    answer = says('{"property": "shape", "fitting": [1]}');
    await labelByEndpoint(HEADS.slice(1), endpoint());
    expect(asked[0]!.authorization).toBeUndefined();
  });

  const refusals: readonly (readonly [string, (response: ServerResponse) => void, RegExp])[] = [
    ["words", says("It is about colour."), /not of the form.*head L3\.H0.*It is about colour/],
    ["a number of no text", says('{"property": "colour", "fitting": [4]}'), /not of the form.*from 1 to 3/],
    ["no property", says('{"property": " ", "fitting": []}'), /not of the form/],
    ["a long property", says(JSON.stringify({ property: "x".repeat(61), fitting: [] })), /not of the form/],
    ["another document", (response) => response.end('{"error": "no"}'), /not of the form.*error/],
    ["a refusal", (response) => response.writeHead(401).end("wrong key"), /refused.*status 401.*wrong key/],
    ["a redirect", (response) => response.writeHead(302, { location: "/elsewhere" }).end(), /did not answer/],
    ["too much", (response) => response.end("x".repeat((1 << 20) + 1)), /too long/],
    ["a cut line", (response) => response.destroy(), /did not answer/],
  ];
  test.each(refusals)("refuses %s", async (_, reply, message) => {
    answer = reply;
    const labelled = labelByEndpoint(HEADS, endpoint());
    await expect(labelled).rejects.toThrow(message);
    await expect(labelled).rejects.toMatchObject({ code: "label-endpoint" });
    expect(asked).toHaveLength(1);
  });

  test("gives up an answer that does not end", async () => {
    answer = (response) => response.write('{"choices": [');
    await expect(labelByEndpoint(HEADS, endpoint({ labelTimeout: 0.2 }))).rejects.toThrow(/nothing whole in 0\.2 s/);
  });

  test("says that nobody listens", async () => {
    const gone = endpointOf({ labelEndpoint: "http://127.0.0.1:1", labelModel: "tiny" })!;
    await expect(labelByEndpoint(HEADS, gone)).rejects.toThrow(/did not answer.*check that it runs/);
  });
});

describe("endpointOf", () => {
  test("is none without an address", () => {
    expect(endpointOf({})).toBeUndefined();
  });

  test.each([
    [{ labelModel: "tiny" }, "without --label-endpoint"],
    [{ labelEndpoint: "http://127.0.0.1:1" }, "without a model"],
    [{ labelEndpoint: "ftp://host", labelModel: "tiny" }, "unusable --label-endpoint: got ftp://host"],
    [{ labelEndpoint: "nonsense", labelModel: "tiny" }, "unusable --label-endpoint"],
    [{ labelEndpoint: "http://127.0.0.1:1", labelModel: "tiny", offline: true as const }, "--offline"],
  ])("refuses %j", (options, message) => {
    expect(() => endpointOf(options)).toThrow(message);
  });

  test("does not repeat a password", () => {
    const refused = (): unknown => endpointOf({ labelEndpoint: "http://me:hush@host", labelModel: "tiny" });
    expect(refused).toThrow("VITRINE_LABEL_KEY");
    expect(refused).not.toThrow("hush");
  });
});
