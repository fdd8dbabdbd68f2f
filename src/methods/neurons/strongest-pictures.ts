/** The pictures on which each neuron says most, kept while pictures stream by. */

export interface Strongest {
  /** Numbers of the pictures, the strongest first. */
  readonly pictures: Int32Array;
  /** Lengths of the effects. */
  readonly lengths: Float64Array;
  /** The effects' coefficients [pictures,K], less their mean. */
  readonly coefficients: Float32Array;
}

/** Keeps `kept` pictures for each of `neurons`; of equally strong ones, those that came first. */
export class StrongestPictures {
  readonly #kept: number;
  readonly #width: number;
  readonly #neurons: number;
  readonly #pictures: Int32Array;
  readonly #lengths: Float64Array;
  readonly #coefficients: Float32Array;
  /** For each neuron, the place of its weakest picture, which the next one takes. */
  readonly #weakest: Int32Array;

  constructor(neurons: number, kept: number, width: number) {
    this.#kept = kept;
    this.#width = width;
    this.#neurons = neurons;
    this.#pictures = new Int32Array(neurons * kept).fill(-1);
    this.#lengths = new Float64Array(neurons * kept).fill(-Infinity);
    this.#coefficients = new Float32Array(neurons * kept * width);
    this.#weakest = new Int32Array(neurons);
  }

  /** One picture: lengths [F] and centred coefficients [K,F]. */
  add(picture: number, lengths: Float32Array, coefficients: Float32Array): void {
    for (let neuron = 0; neuron < this.#neurons; neuron++) {
      const place = neuron * this.#kept + this.#weakest[neuron]!;
      if (!(lengths[neuron]! > this.#lengths[place]!)) continue;
      this.#lengths[place] = lengths[neuron]!;
      this.#pictures[place] = picture;
      for (let k = 0; k < this.#width; k++) {
        this.#coefficients[place * this.#width + k] = coefficients[k * this.#neurons + neuron]!;
      }
      this.#weakest[neuron] = this.#placeOfWeakest(neuron * this.#kept);
    }
  }

  /** All that were kept for a neuron. */
  of(neuron: number): Strongest {
    const start = neuron * this.#kept;
    const order = Array.from({ length: this.#kept }, (_, i) => start + i)
      .filter((place) => this.#pictures[place]! >= 0)
      .sort((a, b) => this.#lengths[b]! - this.#lengths[a]! || this.#pictures[a]! - this.#pictures[b]!);
    const coefficients = new Float32Array(order.length * this.#width);
    for (const [row, place] of order.entries()) {
      const own = this.#coefficients.subarray(place * this.#width, (place + 1) * this.#width);
      coefficients.set(own, row * this.#width);
    }
    return {
      pictures: Int32Array.from(order, (place) => this.#pictures[place]!),
      lengths: Float64Array.from(order, (place) => this.#lengths[place]!),
      coefficients,
    };
  }

  /** Of equally weak ones, the one that came last. */
  #placeOfWeakest(start: number): number {
    let weakest = 0;
    for (let i = 1; i < this.#kept; i++) {
      const difference = this.#lengths[start + i]! - this.#lengths[start + weakest]!;
      const isLater = this.#pictures[start + i]! > this.#pictures[start + weakest]!;
      if (difference < 0 || (difference === 0 && isLater)) weakest = i;
    }
    return weakest;
  }
}
