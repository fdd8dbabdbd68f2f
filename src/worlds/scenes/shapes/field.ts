/** A shape as a field over its own plane: x and y from -1 to 1, y down. */
export interface ShapeField {
  /** Signed distance to the outline; negative inside. */
  readonly distance: (x: number, y: number) => number;
  /**
   * What is drawn inside: 0 is the texture, 1 is ink, -1 the second tone. `sharpness` is pixels per unit, so that
   * `inside(distance, sharpness)` is smooth over one pixel.
   */
  readonly detail?: (x: number, y: number, sharpness: number) => number;
  /** The greatest rotation, in radians, at which it is still itself. */
  readonly turns: number;
}
