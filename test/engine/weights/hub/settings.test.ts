import { homedir } from "node:os";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseRepoId } from "../../../../src/engine/weights/hub/repo-id.js";
import * as settings from "../../../../src/engine/weights/hub/settings.js";
import { temporaryFolder } from "./hub-test.js";

const READ = [
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "HF_HOME",
  "XDG_CACHE_HOME",
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
];
const ALSO_READ = ["HF_TOKEN_PATH", "HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VITRINE_CACHE"];

beforeEach(() => {
  for (const name of [...READ, ...ALSO_READ]) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe("the cache folder", () => {
  test("follows the environment, the nearest variable first", () => {
    expect(settings.hubCacheDir()).toBe(join(homedir(), ".cache/huggingface/hub"));
    vi.stubEnv("XDG_CACHE_HOME", "/xdg");
    expect(settings.hubCacheDir()).toBe("/xdg/huggingface/hub");
    expect(settings.recordsDir()).toBe("/xdg/vitrine");
    vi.stubEnv("HF_HOME", "~/hf");
    expect(settings.hubCacheDir()).toBe(join(homedir(), "hf/hub"));
    vi.stubEnv("HF_HUB_CACHE", "$XDG_CACHE_HOME/${HF_HOME}x");
    expect(settings.hubCacheDir()).toBe("/xdg/~/hfx");
    expect(settings.hubCacheDir("/mine")).toBe("/mine");
    vi.stubEnv("VITRINE_CACHE", "/v");
    expect(settings.recordsDir()).toBe("/v");
  });
});

describe("the token", () => {
  test("comes from the option, the environment or the token file", async () => {
    const home = await temporaryFolder();
    vi.stubEnv("HF_HOME", home);
    expect(await settings.hubToken()).toBeUndefined();
    await writeFile(join(home, "token"), "hf_file\n");
    expect(await settings.hubToken()).toBe("hf_file");
    vi.stubEnv("HUGGING_FACE_HUB_TOKEN", "hf_old");
    expect(await settings.hubToken()).toBe("hf_old");
    vi.stubEnv("HF_TOKEN", " hf_env ");
    expect(await settings.hubToken()).toBe("hf_env");
    expect(await settings.hubToken("mine")).toBe("mine");
    expect(await settings.hubToken("")).toBeUndefined();
  });
});

test("the endpoint keeps its path and loses its slash", () => {
  expect(settings.hubEndpoint()).toBe("https://huggingface.co");
  vi.stubEnv("HF_ENDPOINT", "https://mirror.example/hf/");
  expect(settings.hubEndpoint()).toBe("https://mirror.example/hf");
});

test.each([
  ["1", true],
  ["TRUE", true],
  ["on", true],
  ["0", false],
  ["", false],
])("HF_HUB_OFFLINE=%s", (value, offline) => {
  vi.stubEnv("HF_HUB_OFFLINE", value);
  expect(settings.offlineByEnvironment()).toBe(offline);
});

test.each([
  ["gpt2", { repo: "gpt2", revision: "main" }],
  ["openai/clip-vit-base-patch16", { repo: "openai/clip-vit-base-patch16", revision: "main" }],
  ["laion/CLIP-ViT-B-16-laion2B-s34B-b88K@v1.0", { repo: "laion/CLIP-ViT-B-16-laion2B-s34B-b88K", revision: "v1.0" }],
  ["a_b/c.d@refs/pr/3", { repo: "a_b/c.d", revision: "refs/pr/3" }],
])("the id %s", (id, parsed) => {
  expect(parseRepoId(id)).toEqual(parsed);
  expect(parseRepoId(parsed.repo, parsed.revision)).toEqual(parsed);
});
