/** POPE on scenes: whether a model knows what is in a picture and what is not, by each way in which it can be asked. */
import type { FloatTensor } from "../../engine/tensor/tensor.js";
import type { VisionLanguageModel } from "../../models/vlm/vision-language-model.js";
import { objectsIn, renderScene, type Scene, SCENE_OBJECTS } from "../../worlds/scenes/index.js";
import { say } from "./caption.js";
import { beliefs, knowsWord } from "./confidence.js";
import { SCENE_WORDS } from "./described-scenes.js";
import {
  pope,
  POPE_STRATEGIES,
  type PopeQuestion,
  popeQuestions,
  type PopeScores,
  type PopeStrategy,
  saysYes,
} from "./pope.js";

export interface PopeScenes {
  /** That are asked about. */
  readonly reported: readonly Scene[];
  /** That the threshold of beliefs is chosen on. */
  readonly chosenOn: readonly Scene[];
  /** As the model was trained on: which objects are frequent, and which go together. */
  readonly reference: readonly Scene[];
}

export interface PopeRow {
  readonly name: string;
  /** A control answers by another picture. */
  readonly kind: "method" | "control";
  readonly scores: PopeScores;
}

export interface PopeResult {
  readonly strategy: PopeStrategy;
  readonly questions: number;
  readonly rows: readonly PopeRow[];
}

export interface PopeOnScenes {
  /** Whether the model's prompt has a place for a question; where not, it cannot be asked, and is not. */
  readonly canBeAsked: boolean;
  /** A belief of at least this is a yes; chosen on other scenes. */
  readonly threshold: number;
  readonly results: readonly PopeResult[];
}

/** Objects that are there, and as many that are not, of each scene: most have two or three. */
const PER_PICTURE = 2;
/** A yes or a no comes first. */
const ANSWER_TOKENS = 8;

/** Words for objects that the model has tokens for, by object. */
type Words = ReadonlyMap<string, string>;

/** What is known of a picture before a question is asked. */
interface Evidence {
  readonly seen: FloatTensor;
  /** What the caption names. */
  readonly named: ReadonlySet<string>;
  /** Beliefs by object, those without a token left out. */
  readonly believed: ReadonlyMap<string, number>;
}

/** `seed` draws absent objects and intervals. */
export async function popeOnScenes(
  model: VisionLanguageModel,
  { reported, chosenOn, reference }: PopeScenes,
  seed: number,
  doing: (what: string) => void = () => undefined,
): Promise<PopeOnScenes> {
  const words = knownWords(model);
  doing("describing scenes");
  const [others, own] = [await evidenceOf(model, chosenOn, words), await evidenceOf(model, reported, words)];
  const truths = { reference: truthOf(reference), chosenOn: truthOf(chosenOn), reported: truthOf(reported) };
  const ask = (of: "chosenOn" | "reported", strategy: PopeStrategy): PopeQuestion[] =>
    popeQuestions(truths[of], strategy, { perPicture: PER_PICTURE, seed, reference: truths.reference });
  const threshold = bestThreshold(
    POPE_STRATEGIES.flatMap((strategy) => ask("chosenOn", strategy)).map(({ imageId, object, label }) => ({
      label,
      belief: others[Number(imageId)]!.believed.get(object) ?? 0,
    })),
  );
  const canBeAsked = model.parts.config.prompt.includes("{question}");
  const results: PopeResult[] = [];
  for (const strategy of POPE_STRATEGIES) {
    const questions = ask("reported", strategy);
    const row = (name: string, kind: PopeRow["kind"], says: (at: number, object: string) => boolean): PopeRow => ({
      name,
      kind,
      scores: pope(
        questions.map(({ imageId, object, label }) => ({ imageId, label, yes: says(Number(imageId), object) })),
        seed,
      ),
    });
    const of = (at: number): Evidence => own[at % own.length]!;
    const believes = (at: number, object: string): boolean => (of(at).believed.get(object) ?? 0) >= threshold;
    const rows: PopeRow[] = [];
    if (canBeAsked) {
      doing(`asking, ${strategy}`);
      const answers = await answersOf(model, own, questions);
      rows.push({ name: "asked", kind: "method", scores: pope(answers, seed) });
    }
    rows.push(
      row("caption names it", "method", (at, object) => of(at).named.has(object)),
      row("image tokens hold it", "method", believes),
      row("another's caption", "control", (at, object) => of(at + 1).named.has(object)),
      row("another's tokens", "control", (at, object) => believes(at + 1, object)),
    );
    results.push({ strategy, questions: questions.length, rows });
  }
  return { canBeAsked, threshold, results };
}

const truthOf = (scenes: readonly Scene[]): Map<string, Set<string>> =>
  new Map(scenes.map((scene, i) => [String(i), objectsIn(scene)]));

function knownWords(model: VisionLanguageModel): Words {
  const entries = Object.entries(SCENE_OBJECTS).map(
    ([object, words]) => [object, words.find((word) => knowsWord(model, word))] as const,
  );
  return new Map(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

async function evidenceOf(model: VisionLanguageModel, scenes: readonly Scene[], words: Words): Promise<Evidence[]> {
  const { imageSize } = model.parts.tower.parts.vision;
  const evidence: Evidence[] = [];
  for (const scene of scenes) {
    const seen = await model.see(model.preprocess([renderScene(scene, imageSize)]));
    const prompt = model.prompt(seen);
    const { text } = await say(model, prompt);
    const found = await beliefs(model, prompt, [...words.values()]);
    evidence.push({
      seen,
      named: new Set(SCENE_WORDS.mentions(text).map(({ object }) => object)),
      believed: new Map([...words.keys()].map((object, i) => [object, found[i]!.confidence])),
    });
  }
  return evidence;
}

async function answersOf(
  model: VisionLanguageModel,
  evidence: readonly Evidence[],
  questions: readonly PopeQuestion[],
) {
  const answers = [];
  for (const { imageId, label, text: question } of questions) {
    const prompt = model.prompt(evidence[Number(imageId)]!.seen, question);
    const { text } = await say(model, prompt, { maxTokens: ANSWER_TOKENS });
    answers.push({ imageId, label, yes: saysYes(text) });
  }
  return answers;
}

interface Believed {
  readonly label: boolean;
  readonly belief: number;
}

/** The belief from which on a yes is right most often; the lowest of several. */
export function bestThreshold(answers: readonly Believed[]): number {
  const sorted = [...answers].sort((a, b) => a.belief - b.belief);
  // All are yes at first; then each that falls below gains where it is not there, and loses where it is.
  let right = answers.filter(({ label }) => label).length;
  let best = { right, threshold: 0 };
  for (const [i, { label, belief }] of sorted.entries()) {
    right += label ? -1 : 1;
    const next = sorted[i + 1];
    if (right > best.right && next !== undefined && next.belief > belief) {
      best = { right, threshold: (belief + next.belief) / 2 };
    }
  }
  return best.threshold;
}
