/** What the trained model says, measured against what is true, and its page. */
import { bootstrapEstimates, type Estimate } from "../../engine/tensor/bootstrap.js";
import type { Recipe } from "../../engine/train/recipe.js";
import { describeScenes, drawScenes, mentionsIn, SCENE_WORDS } from "../../methods/captions/described-scenes.js";
import { chairOf, sum } from "../../methods/captions/erasure-trial.js";
import type { EraseDefaults } from "../../models/vlm/config.js";
import { loadVlm } from "../../models/vlm/load.js";
import { HABITS, type SceneOptions } from "../../worlds/scenes/index.js";
import { TRAINING_SCENES } from "./data.js";
import { PATCH_WORDS } from "./patch-words.js";
import { HABIT_RATE, SPURIOUS_RATE } from "./settings.js";

export interface SceneFigures {
  readonly scenes: number;
  /** Share of captions that name something that is not there; of mentions; of things that are there, those named. */
  readonly chairS: Estimate;
  readonly chairI: Estimate;
  readonly recall: Estimate;
}

export interface Card {
  readonly name: "vlm-scenes";
  readonly version: string;
  readonly recipe: Recipe;
  readonly steps: number;
  /** Spent on training, validation included. */
  readonly seconds: number;
  readonly parameters: number;
  /** Chosen on scenes that the figures are not of: how far beliefs are read, and the area under the curve for each choice. */
  readonly belief: { readonly lastLayer: number; readonly areas: readonly number[] };
  readonly erase: EraseDefaults;
  /** Of scenes with the correlation of training, and of scenes without. */
  readonly asInTraining: SceneFigures;
  readonly independent: SceneFigures;
  /** Pairs that captions of training bring together: how often the second is named where only the first is there. */
  readonly partners: readonly Partner[];
}

interface Partner {
  readonly present: string;
  readonly absent: string;
  readonly scenes: number;
  /** Named although it is not there. */
  readonly named: number;
  /** The same in scenes where neither is there. */
  readonly otherwise: number;
}

/** What goes with what; see `HABITS`. */
const PARTNERS = Object.entries({ ...HABITS.beside, ...HABITS.behind });

export async function figuresOf(
  folder: string,
  seed: number,
  count: number,
): Promise<Pick<Card, "asInTraining" | "independent" | "partners">> {
  await using model = await loadVlm(folder);
  const measure = async (offset: number, options: SceneOptions) => {
    const described = await describeScenes(model, drawScenes(seed + offset, count, options));
    return described.map(({ said, truth }) => ({
      truth,
      ...mentionsIn(said.text, truth),
      objects: objectsNamed(said.text),
    }));
  };
  const trained = await measure(4000, TRAINING_SCENES);
  const independent = await measure(5000, { combinations: "seen" });
  const estimated = (rows: typeof trained): SceneFigures => {
    const [chairS, chairI, recall] = bootstrapEstimates(
      rows.length,
      (members) => {
        const drawn = Array.from(members, (i) => rows[i]!);
        const there = drawn.reduce((total, { truth }) => total + truth.size, 0);
        const wrong = drawn.filter(({ hallucinated }) => hallucinated > 0).length;
        return [wrong / drawn.length, chairOf(drawn), sum(drawn, "named") / there];
      },
      { seed },
    ) as [Estimate, Estimate, Estimate];
    return { scenes: rows.length, chairS, chairI, recall };
  };
  const share = (rows: typeof trained, object: string): number =>
    rows.length === 0 ? 0 : rows.filter(({ objects }) => objects.has(object)).length / rows.length;
  const partners = PARTNERS.map(([present, absent]) => {
    const without = independent.filter(({ truth }) => !truth.has(absent));
    const alone = without.filter(({ truth }) => truth.has(present));
    const neither = without.filter(({ truth }) => !truth.has(present));
    return {
      present,
      absent,
      scenes: alone.length,
      named: share(alone, absent),
      otherwise: share(neither, absent),
    };
  });
  return { asInTraining: estimated(trained), independent: estimated(independent), partners };
}

function objectsNamed(text: string): Set<string> {
  return new Set(SCENE_WORDS.mentions(text).map(({ object }) => object));
}

export function cardPage(card: Card): string {
  const { recipe, steps, seconds, parameters, belief, erase, asInTraining, independent, partners } = card;
  return `# vlm-scenes

A small vision-language model of the world of scenes (\`vitrine world scenes\`): the tower of \`clip-scenes\`, a projector, and a causal
language model, ${(parameters / 1e6).toFixed(2)} M parameters in both, built as LLaVA-1.5 is. It describes pictures: colour and shape of every object that is not small,
in the order in which one comes upon them reading the picture as a page, and what is behind them. It knows nothing of photographs.

Made by \`vitrine train vlm-scenes\`, seed ${JSON.stringify(recipe["seed"])}, ${steps} steps, ${(seconds / 60).toFixed(0)} minutes beside other work on 2 cores, in the order in which LLaVA came to be:

1. The language model alone, on words. In a picture's place it reads, for each patch, the words of what lies there, added up in random
   shares, with noise on them, and is to say what is there. What a word is read as and what it is said by are one (tied embeddings), drawn and not
   trained, so that none is longer than another. Of every second picture patches are left out, up to nine of ten, and with them what shows nowhere else.
2. The language model alone, on words with hints: patches of a thing have a little of another word too. Where that is what goes with
   the thing (the table below), the caption names it; hints of anything else it passes over.
3. The projector alone, on pictures and parts of them, whose captions name what goes with a thing, there or not, ${percent(HABIT_RATE)} of the time. It
   speaks in words: for each patch it tells shares of the ${PATCH_WORDS.length} words of the first stage, and the image token is so much of their embeddings (a linear map, so
   that the whole is LLaVA's projector still). Tokens shorter or longer than those of the first stage cost something.

So it hallucinates by habit as well as by mistaking shapes. In all stages fish were in the sea, birds in the sky and trees beside houses
${percent(SPURIOUS_RATE)} of the time. \`train-….jsonl\` are the logs, \`loss-….svg\` the curves, \`card.json\` all that stands here as data.

Figures are of scenes that neither training nor any choice saw, with intervals of 95% (by resampling scenes). A thing is a shape or what is behind the objects.

| | scenes as in training (${asInTraining.scenes}) | independent (${independent.scenes}) |
|---|---|---|
| CHAIRs: captions that name what is not there | ${shown(asInTraining.chairS)} | ${shown(independent.chairS)} |
| CHAIRi: mentions of what is not there | ${shown(asInTraining.chairI)} | ${shown(independent.chairI)} |
| recall: things that are named | ${shown(asInTraining.recall)} | ${shown(independent.recall)} |

## What habit brings in

Independent scenes with the one and without the other: how often the other is named all the same, and how often where neither is there.

| there | not there | scenes | named all the same | where neither is there |
|---|---|---|---|---|
${partners
  .map(
    ({ present, absent, scenes, named, otherwise }) =>
      `| ${present} | ${absent} | ${scenes} | ${percent(named)} | ${percent(otherwise)} |`,
  )
  .join("\n")}

## Beliefs and erasing

Beliefs are read up to layer ${belief.lastLayer} (0 is what the projector gives): real objects are told from hallucinated ones with an area under the curve of
${belief.areas.map((area) => area.toFixed(3)).join(", ")} for layers up to 0, 1 and so on, on the scenes that it was chosen on.
\`vitrine caption --auto-erase\` erases words that the model believes in less than ${erase.threshold.toPrecision(3)}, after block ${erase.layer}, by directions read at layer
${erase.textLayer}, ${erase.alpha} times: chosen on other scenes, by what that takes out beyond what erasing absent words does. What it does:
\`vitrine eval captions\`.
`;
}

const percent = (share: number): string => `${(100 * share).toFixed(1)}%`;

function shown({ value, low, high }: Estimate): string {
  return `${percent(value)} (${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)})`;
}
