/**
 * Vitrine: read, edit and make visual models.
 *
 * Models and methods live here; `vitrine/graph` has the operations that edits are written in.
 */
export { EXIT_FAILED, EXIT_USAGE, type ErrorFacts, UsageError, VitrineError } from "./engine/errors.js";
export { type ColourMap, colourise } from "./engine/media/colour-maps.js";
export { decodeImage, type DecodeOptions } from "./engine/media/decode.js";
export { encodePng } from "./engine/media/encode.js";
export { type HeatmapOptions, overlayHeatmap } from "./engine/media/heatmap.js";
export { heatFigure, type HeatFigure } from "./engine/media/heat-figure.js";
export type { HeatPanel } from "./engine/media/heat-panel.js";
export type { RgbImage } from "./engine/media/image.js";
export type { Device } from "./engine/runtime/session.js";
export { Moments } from "./engine/tensor/moments.js";
export { type FloatTensor, floatTensor, intTensor, type Tensor } from "./engine/tensor/tensor.js";
export type { Checkpoint } from "./engine/weights/checkpoint.js";
export { openCheckpoint } from "./engine/weights/open-checkpoint.js";
export { readStored } from "./engine/weights/read-stored.js";
export { writeSafetensors } from "./engine/weights/safetensors/write.js";
export { SafetensorsWriter } from "./engine/weights/safetensors/writer.js";
export {
  type Caption,
  type CaptionMentions,
  type Chair,
  chair,
  type ChairCounts,
  type ObjectTruth,
} from "./methods/captions/chair.js";
export { type CaptionOptions, type SaidText, type SaidToken, say, sayWithout } from "./methods/captions/caption.js";
export { type Belief, beliefs } from "./methods/captions/confidence.js";
export {
  type AutoErase,
  type AutoErased,
  type NamedObject,
  namedObjects,
  sayAndErase,
} from "./methods/captions/detect.js";
export { Eraser, type EraseSettings, wordDirections } from "./methods/captions/erase.js";
export { imageLens, type LensOptions, lensWords, type LensWords } from "./methods/captions/lens.js";
export {
  pope,
  type PopeAnswer,
  type PopeCounts,
  type PopeOptions,
  type PopeQuestion,
  popeQuestions,
  type PopeScores,
  type PopeStrategy,
  saysYes,
} from "./methods/captions/pope.js";
export { ObjectWords } from "./methods/captions/object-words.js";
export { loadVlm, type LoadVlmOptions } from "./models/vlm/load.js";
export { type PicturePrompt, VisionLanguageModel } from "./models/vlm/vision-language-model.js";
export type { Mention, ObjectTable } from "./methods/captions/object-words.js";
export type { ChairMode } from "./methods/captions/singular.js";
export { corrupt } from "./methods/idempotent/corrupt.js";
export { type Corruption, CORRUPTIONS } from "./methods/idempotent/corruptions.js";
export { drawNoise, gaussianNoise, measureSpectrum, type Spectrum } from "./methods/idempotent/noise.js";
export {
  combineNoise,
  drift,
  driftMaps,
  idempotenceRatios,
  interpolateNoise,
  project,
  refine,
} from "./methods/idempotent/project.js";
export type { LoadedGenerator } from "./models/idempotent/assemble.js";
export { IdempotentGenerator, type NormMode, type NormUse } from "./models/idempotent/generator.js";
export { loadGenerator } from "./models/idempotent/load.js";
export { picturesOfPixels, pixelsOfPicture } from "./models/idempotent/pixels.js";
export {
  type Attribution,
  attribute,
  contrasts,
  contrastsWith,
  largestRemainder,
  type RankedHead,
  rankHeads,
} from "./methods/decompose/attribution.js";
export { type Decomposition, decompose, type DecomposeOptions, expandHeads } from "./methods/decompose/decompose.js";
export { decomposeText, expandTextHeads, type TextDecomposition } from "./methods/decompose/decompose-text.js";
export { evaluateWords, type WordAttribute, type WordFigures } from "./methods/decompose/evaluate-words.js";
export {
  headTotals,
  type Source,
  type WordAttribution,
  wordAttributions,
  type WordOptions,
  wordTotals,
} from "./methods/decompose/words.js";
export {
  headHeat,
  type HeatOptions,
  type PatchLayout,
  predictedHeat,
  type PredictedHeat,
  segmentation,
  type Segmentation,
  segmentationHeat,
} from "./methods/decompose/segmentation.js";
export { type Alignment, alignMask } from "./methods/decompose/segmentation-mask.js";
export {
  scoreSegmentation,
  type SegmentationFigures,
  type SegmentationScore,
  SegmentationScores,
} from "./methods/decompose/segmentation-metrics.js";
export {
  evaluateSegmentation,
  type EvaluateSegmentationOptions,
  type SegmentationEvaluation,
} from "./methods/decompose/evaluate-segmentation.js";
export { type Combine, type HeadRows, HeadSpace, type Query } from "./methods/decompose/head-space.js";
export { type HeadRowLayout, headMaps, headRowLayout, headRows, lastLayers } from "./methods/decompose/head-rows.js";
export { type AblationAnswers, type AblationOptions, meanAblation } from "./methods/decompose/ablation.js";
export { type AblationFigures, ablationFigures, type PlannedAblation } from "./methods/decompose/ablation-figures.js";
export { besideRandom, partPlans, publishedPlans, sweepPlans } from "./methods/decompose/ablation-plans.js";
export { cumulativeSweep, paperAblations, randomHeads } from "./methods/decompose/ablation-runs.js";
export { spanReconstructions } from "./methods/decompose/completeness.js";
export { completenessPlans } from "./methods/decompose/completeness-plans.js";
export { ablationOf } from "./methods/decompose/component-names.js";
export type { Ablation } from "./methods/decompose/components.js";
export {
  type ComparedAccuracies,
  groupAccuracies,
  type GroupAccuracies,
  type GroupedTruth,
} from "./methods/decompose/group-accuracy.js";
export {
  placeAblation,
  PUBLISHED_PLACE_HEADS,
  type PublishedHeads,
  type PublishedName,
} from "./methods/decompose/published-heads.js";
export { headMargins } from "./methods/decompose/head-margins.js";
export { type HeadSpan, headSpans } from "./methods/decompose/head-spans.js";
export { HeadStatistics } from "./methods/decompose/head-statistics.js";
export { type TopImage, TopImages } from "./methods/decompose/top-images.js";
export { type Neighbour, nearestRows, type SearchOptions, type Similarity } from "./methods/decompose/retrieval.js";
export { spanReconstruction, type TextSpan, textSpan, type TextSpanOptions } from "./methods/decompose/text-span.js";
export { TEMPLATES } from "./methods/decompose/templates.js";
export { type Classification, classify, zeroShotWeights } from "./methods/decompose/zero-shot.js";
export { contrastMaps, headsOf, type MapOptions, type PatchMap, topicMap } from "./methods/interpret/analyses.js";
export {
  type EvaluateOptions,
  evaluateInterpret,
  type InterpretEvaluation,
  type InterpretFigures,
  type InterpretRun,
  type Spread,
  type TextPool,
} from "./methods/interpret/evaluate.js";
export { GENERAL_PROPERTIES } from "./methods/interpret/general-properties.js";
export {
  type Association,
  association,
  type ConceptConsistency,
  conceptConsistency,
  type Entanglement,
  entanglement,
  type JudgedHead,
  normaliseLabel,
} from "./methods/interpret/metrics.js";
export {
  assignByNearness,
  assignByWords,
  type Assignment,
  balancedRows,
  type HeadPicks,
  type LabelledHead,
  labelHeads,
  type Property,
  type TextEvidence,
} from "./methods/interpret/properties.js";
export { type Concepts, imageConcepts } from "./methods/neurons/concepts.js";
export {
  firstOrderEffects,
  indirectEffects,
  type IndirectOptions,
  type LayerOptions,
  meanActivations,
} from "./methods/neurons/other-effects.js";
export type { Word } from "./methods/neurons/pursuit.js";
export {
  type Bookkeeping,
  type NeuronEffectOptions,
  NeuronEffects,
  neuronEffects,
} from "./methods/neurons/second-order.js";
export {
  type Foreground,
  type Neuron,
  neuronForeground,
  neuronMaps,
  neuronsAlong,
} from "./methods/neurons/segmentation.js";
export { type SparseText, sparseText, type SparseTextOptions } from "./methods/neurons/sparse-text.js";
export { type NeuronStatistics, neuronStatistics, type NeuronStatisticsOptions } from "./methods/neurons/statistics.js";
export { textDictionary } from "./methods/neurons/text-dictionary.js";
export { cellName } from "./methods/patching/cell-names.js";
export {
  gridOf,
  type PatchGrid,
  patchGrid,
  type PatchGridOptions,
  type PatchPictures,
} from "./methods/patching/patch-grid.js";
export { type PatchedFeatures, Patcher, type PatchPair, type PatchRunOptions } from "./methods/patching/patcher.js";
export {
  type Cell,
  type PatchPlan,
  patchPlan,
  type PatchSiteOptions,
  type PatchUnit,
} from "./methods/patching/plan.js";
export { type PooledCell, pooledRecovery, type PooledRecovery } from "./methods/patching/pooled-recovery.js";
export { type RankedCell, rankCells, recovery, type Recovery } from "./methods/patching/recovery.js";
export { ARCHITECTURES, type Architecture } from "./models/clip/architectures.js";
export { Clip, type ClipParts } from "./models/clip/clip.js";
export type { HeadPlace } from "./models/clip/head-place.js";
export { loadClip, type LoadOptions } from "./models/clip/load.js";
export { writeRandomCheckpoint } from "./models/clip/random-checkpoint.js";
export type { Family, Layout } from "./models/clip/layouts.js";
export { type FamilySizes, type RandomFamily, writeRandomFamily } from "./models/families/random-checkpoint.js";
export { VERSION } from "./version.js";
export { type Claim, type ClaimColumn, type ClaimRow, type ClaimTable, showEstimate } from "./methods/claim.js";
export { ablationClaims } from "./methods/decompose/evaluate-ablation.js";
export { completenessClaim } from "./methods/decompose/evaluate-completeness.js";
export { labelClaim, type LabelledSkill, type LabelRun } from "./methods/decompose/evaluate-labels.js";
export { spuriousClaim, type SpuriousOptions } from "./methods/decompose/evaluate-spurious.js";
export { type HeadSkill, headSkills } from "./methods/decompose/head-skills.js";
export { headsOnScenes, picksOnScenes, type SceneHeads } from "./methods/decompose/scene-heads.js";
export { segmentationClaim } from "./methods/decompose/segmentation-claim.js";
export { interpretClaims } from "./methods/interpret/claims.js";
export { adversarialScenes } from "./methods/neurons/adversarial-scenes.js";
export {
  adversarialPrompts,
  type AdversarialWord,
  adversarialWords,
  classDifference,
  type DescribedNeurons,
  speaksOf,
} from "./methods/neurons/adversarial.js";
export { describeOnScenes, type SceneNeurons } from "./methods/neurons/described-scenes.js";
export { adversarialClaim, type AdversarialPair, measureAdversarial } from "./methods/neurons/evaluate-adversarial.js";
export { effectClaims, type EffectRuns } from "./methods/neurons/evaluate-effects.js";
export { type MeasuredEffects, measureEffects } from "./methods/neurons/measure-effects.js";
export { untrainedLike } from "./models/clip/untrained.js";
