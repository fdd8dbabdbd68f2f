/** The API's document, made from the jobs' own schemas. */
import { z } from "zod";
import { VERSION } from "../version.js";
import type { Jobs } from "./job-board.js";

type Document = Readonly<Record<string, unknown>>;

/** OpenAPI 3.1. */
export function openApiDocument(jobs: Jobs): Document {
  return {
    openapi: "3.1.0",
    info: {
      title: "Vitrine",
      version: VERSION,
      description:
        "Hand pictures over, ask for jobs, listen to them. A job ends when nobody listens to it or asks for it any more.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    paths: {
      "/api/info": { get: { summary: "What runs here, and how much it takes on.", responses: answers(200, "Info") } },
      "/api/openapi.json": {
        get: { summary: "This document.", responses: { 200: { description: "This document." } } },
      },
      "/api/pictures": {
        post: {
          summary: "Hands a picture over, for jobs to name by its id.",
          requestBody: {
            required: true,
            content: Object.fromEntries(
              ["application/octet-stream", "image/*"].map((type) => [
                type,
                { schema: { type: "string", format: "binary" } },
              ]),
            ),
          },
          responses: answers(200, "PictureInfo"),
        },
      },
      ...Object.fromEntries(
        Object.entries(jobs).map(([name, { summary }]) => [`/api/jobs/${name}`, jobPath(name, summary)]),
      ),
      "/api/jobs/{id}": {
        parameters: [ID],
        get: { summary: "A job's state, and its result when it is done.", responses: answers(200, "Job") },
        delete: { summary: "Ends a job.", responses: { 204: { description: "It has ended." }, default: REFUSED } },
      },
      "/api/jobs/{id}/events": {
        parameters: [ID],
        get: {
          summary:
            "A job as server-sent events: `progress` (Progress), then one of `done` (its result), `failed` (Error), `cancelled`.",
          responses: {
            200: { description: "The events.", content: { "text/event-stream": { schema: { type: "string" } } } },
            default: REFUSED,
          },
        },
      },
    },
    components: {
      schemas: { ...SCHEMAS, ...paramSchemas(jobs) },
      securitySchemes: {
        token: {
          type: "http",
          scheme: "bearer",
          description: "Needed unless the server listens on a loopback address.",
        },
      },
    },
    security: [{}, { token: [] }],
  };
}

const ID = { name: "id", in: "path", required: true, schema: { type: "string", format: "uuid" } };

const ref = (name: string): Document => ({ $ref: `#/components/schemas/${name}` });
const json = (name: string): Document => ({ "application/json": { schema: ref(name) } });

const REFUSED = { description: "What went wrong; docs/errors has a page for each code.", content: json("Error") };

function answers(status: number, schema: string): Document {
  return { [status]: { description: schema, content: json(schema) }, default: REFUSED };
}

const paramsName = (job: string): string => `${job}.params`;

function jobPath(name: string, summary: string): Document {
  return {
    post: {
      summary,
      requestBody: { required: true, content: json(paramsName(name)) },
      responses: answers(202, "JobAccepted"),
    },
  };
}

/** Whatever the schemas share stands in each: references of one would not hold in the document. */
function paramSchemas(jobs: Jobs): Document {
  const entries = Object.entries(jobs).map(([name, { params }]) => {
    const schema = z.toJSONSchema(params, { io: "input", unrepresentable: "any" });
    delete schema.$schema;
    return [paramsName(name), schema] as const;
  });
  return Object.fromEntries(entries);
}

const text = { type: "string" };
const whole = { type: "integer", minimum: 0 };

function object(properties: Document, optional: readonly string[] = []): Document {
  return { type: "object", properties, required: Object.keys(properties).filter((key) => !optional.includes(key)) };
}

const SCHEMAS: Document = {
  Error: object({ error: object({ code: text, message: text }) }),
  Info: object({
    version: text,
    device: text,
    threads: whole,
    limits: object({ pictureBytes: whole, pixels: whole, paramsBytes: whole, waitingJobs: whole }),
    jobs: { type: "array", items: text },
  }),
  PictureInfo: object({ id: { ...text, description: "SHA-256 of the file, in hex." }, width: whole, height: whole }),
  JobAccepted: object({ id: { ...text, format: "uuid" } }),
  Progress: object({ stage: text, done: { type: "number" }, total: { type: "number" }, unit: text }, ["total"]),
  Job: object(
    {
      id: { ...text, format: "uuid" },
      job: text,
      state: { enum: ["waiting", "running", "done", "failed", "cancelled"] },
      progress: ref("Progress"),
      result: { description: "JSON in which tensors are as in Tensor; each job's own otherwise." },
      error: object({ code: text, message: text }),
    },
    ["progress", "result", "error"],
  ),
  Tensor: object({
    $tensor: object({
      dtype: { enum: ["float32", "int32", "bool"] },
      shape: { type: "array", items: whole },
      data: { ...text, contentEncoding: "base64", description: "Elements in row-major order, little-endian." },
    }),
  }),
};
