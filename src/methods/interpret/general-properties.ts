import type { Property } from "./properties.js";

/** What heads of models of photographs turn out to be about, each with words that stand for it. */
export const GENERAL_PROPERTIES: readonly Property[] = [
  { name: "colour", words: ["red", "blue", "green", "yellow", "purple", "black and white", "a colourful picture"] },
  { name: "shape", words: ["round", "a triangle", "a square", "a spiral", "a curved shape", "straight lines"] },
  { name: "texture", words: ["striped", "dotted", "rough", "smooth", "woven", "a checkered pattern"] },
  { name: "material", words: ["wood", "metal", "glass", "stone", "fabric", "plastic"] },
  { name: "number", words: ["one", "two", "three", "four", "a pair", "many of them"] },
  { name: "size", words: ["tiny", "small", "large", "huge"] },
  { name: "location", words: ["a city in Europe", "Japan", "a country in Africa", "New York", "a tropical island"] },
  { name: "setting", words: ["indoors", "a kitchen", "a street", "a forest", "a beach", "a mountain landscape"] },
  { name: "weather", words: ["snow", "rain", "fog", "a sunny day", "a storm"] },
  { name: "time of day", words: ["night", "sunrise", "sunset", "noon"] },
  { name: "season", words: ["winter", "spring", "summer", "autumn"] },
  { name: "animal", words: ["a dog", "a cat", "a bird", "a fish", "an insect", "a wild animal"] },
  { name: "plant", words: ["a flower", "a tree", "leaves", "grass"] },
  { name: "person", words: ["a man", "a woman", "a child", "a crowd", "a portrait"] },
  { name: "emotion", words: ["happy", "sad", "angry", "calm", "surprised"] },
  { name: "action", words: ["running", "jumping", "eating", "sleeping", "playing sports"] },
  { name: "clothing", words: ["a hat", "a dress", "shoes", "a uniform"] },
  { name: "food", words: ["fruit", "bread", "a meal", "a drink", "dessert"] },
  { name: "vehicle", words: ["a car", "a boat", "an aeroplane", "a bicycle", "a train"] },
  { name: "building", words: ["a house", "a tower", "a bridge", "a church"] },
  { name: "object", words: ["a tool", "furniture", "a toy", "an electronic device", "a musical instrument"] },
  { name: "text", words: ["written words", "letters", "a sign", "a logo", "digits"] },
  { name: "style", words: ["a painting", "a drawing", "a cartoon", "a sculpture", "a vintage photo", "a rendering"] },
  { name: "photography", words: ["a close-up", "an aerial view", "a blurry photo", "low light", "a wide angle"] },
];
