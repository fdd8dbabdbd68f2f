/** All jobs, by name: `vitrine/jobs`. The workbench's worker and the server run these, and nothing else. */
import type { z } from "zod";
import { beliefsJob, captionErasedJob, captionJob } from "./caption.js";
import { decomposeJob } from "./decompose.js";
import { generatorInfo, generatorPictureJob } from "./generator.js";
import { headAblation } from "./head-ablation.js";
import { headWords } from "./head-words.js";
import { groupAccuracyJob, groupControlJob } from "./group-accuracy.js";
import type { Job } from "./job.js";
import { lensJob } from "./lens.js";
import { modelInfo } from "./model-info.js";
import { models } from "./models.js";
import { projectJob } from "./project.js";
import { samplesJob } from "./samples.js";
import { sceneScoresJob } from "./scene-scores.js";
import { segmentBaselinesJob } from "./segment-baselines.js";
import { segmentJob } from "./segment.js";
import { patchJob } from "./patch.js";
import { neuronJob, neuronMapJob } from "./neuron.js";
import { neuronsJob, neuronWordsJob } from "./neurons.js";
import { pictureConceptsJob, pictureNeuronsJob } from "./picture-neurons.js";
import { readPicturesJob, searchJob } from "./search.js";

export const JOBS = {
  models,
  "model-info": modelInfo,
  decompose: decomposeJob,
  "head-words": headWords,
  "head-ablation": headAblation,
  "scene-scores": sceneScoresJob,
  segment: segmentJob,
  "segment-baselines": segmentBaselinesJob,
  "group-accuracy": groupAccuracyJob,
  "group-control": groupControlJob,
  patch: patchJob,
  neurons: neuronsJob,
  "neuron-words": neuronWordsJob,
  neuron: neuronJob,
  "neuron-map": neuronMapJob,
  "picture-neurons": pictureNeuronsJob,
  "picture-concepts": pictureConceptsJob,
  search: searchJob,
  "read-pictures": readPicturesJob,
  caption: captionJob,
  beliefs: beliefsJob,
  "caption-erased": captionErasedJob,
  lens: lensJob,
  "generator-info": generatorInfo,
  "generator-picture": generatorPictureJob,
  project: projectJob,
  sample: samplesJob,
} as const;

export type JobName = keyof typeof JOBS;
export type JobParams<N extends JobName> = (typeof JOBS)[N] extends Job<infer P, unknown> ? z.input<P> : never;
export type JobResult<N extends JobName> = (typeof JOBS)[N] extends Job<z.ZodType, infer R> ? R : never;

export type {
  JobContext,
  JobControl,
  ModelEntry,
  ModelKind,
  Models,
  OpenGenerator,
  OpenModel,
  PictureInfo,
  PictureRef,
  Pictures,
  Progress,
} from "./job.js";
export { share, SharedWork } from "./shared-work.js";
export type { AskedWord, Caption, CaptionObject, SeenCaption, WordBelief } from "./caption.js";
export type { DecomposedPicture } from "./decompose.js";
export type { GroupAccuracy, GroupFigures, RandomAccuracy } from "./group-accuracy.js";
export type { NeuronMap, NeuronOnScenes, NeuronScene } from "./neuron.js";
export type { LayerNeurons, LayerWords } from "./neurons.js";
export type { PictureConcept, PictureConcepts, PictureNeurons } from "./picture-neurons.js";
export type { FoundPicture, FoundPictures } from "./search.js";
export type { LensedPicture } from "./lens.js";
export type { FittedPicture, GeneratorInfo } from "./generator.js";
export type { ProjectedPicture } from "./project.js";
export type { DrawnSamples } from "./samples.js";
export type { ModelInfo } from "./model-info.js";
export type { AttributeAblation, HeadAblation } from "./head-ablation.js";
export type { HeadWords, WordedHead } from "./head-words.js";
export type { AttributeScores, SceneScores } from "./scene-scores.js";
export type { BaselineHeat } from "./segment-baselines.js";
export type { SegmentedPicture } from "./segment.js";
export type { PatchedPictures } from "./patch.js";
