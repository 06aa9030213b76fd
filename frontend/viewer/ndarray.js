// Takes the place of a function in the viewer's copy of the library ndarray, which
// writes the code of a class for each number of dimensions when it is first asked for
// one: the viewer's policy forbids code that is made at run time. `order` and
// `CACHED_CONSTRUCTORS` are that library's.
// biome-ignore lint/correctness/noUnusedVariables: the library uses it
function compileConstructor(dtype, dimension) {
  const isGeneric = dtype === 'generic';
  const isGiven = (i) => typeof i === 'number' && i >= 0;
  const make = (data, shape = [], stride = [], offset = 0) =>
    new View(data, Array.from(shape), Array.from(stride), offset);

  class View {
    constructor(data, shape, stride, offset) {
      this.data = data;
      this.shape = shape;
      this.stride = stride;
      this.offset = offset | 0;
    }
    get size() {
      return dimension < 0 ? 0 : this.shape.reduce((product, n) => product * n, 1);
    }
    get order() {
      return order.call(this);
    }
    index(...at) {
      if (dimension < 0) return -1;
      let place = this.offset;
      for (let n = 0; n < dimension; n++) place += this.stride[n] * at[n];
      return place;
    }
    get(...at) {
      if (dimension < 0) return undefined;
      const place = this.index(...at);
      return isGeneric ? this.data.get(place) : this.data[place];
    }
    set(...at) {
      if (dimension < 0) return undefined;
      const place = this.index(...at);
      const value = at[dimension];
      if (isGeneric) return this.data.set(place, value);
      this.data[place] = value;
      return value;
    }
    valueOf() {
      return dimension === 0 ? this.get() : this;
    }
    hi(...ends) {
      const shape = this.shape.map((n, axis) => (isGiven(ends[axis]) ? ends[axis] | 0 : n));
      return make(this.data, shape, this.stride, this.offset);
    }
    lo(...starts) {
      let offset = this.offset;
      const shape = this.shape.map((n, axis) => {
        if (!isGiven(starts[axis])) return n;
        offset += this.stride[axis] * (starts[axis] | 0);
        return n - (starts[axis] | 0);
      });
      return make(this.data, shape, this.stride, offset);
    }
    step(...steps) {
      let offset = this.offset;
      const stride = this.stride.slice();
      const shape = this.shape.map((n, axis) => {
        if (typeof steps[axis] !== 'number') return n;
        const by = steps[axis] | 0;
        if (by < 0) offset += stride[axis] * (n - 1);
        stride[axis] *= by;
        return Math.ceil((by < 0 ? -n : n) / by);
      });
      return make(this.data, shape, stride, offset);
    }
    transpose(...axes) {
      const from = this.shape.map((_, axis) => (axes[axis] === undefined ? axis : axes[axis] | 0));
      const taken = (list) => from.map((axis) => list[axis]);
      return make(this.data, taken(this.shape), taken(this.stride), this.offset);
    }
    pick(...at) {
      if (dimension < 0) return null;
      let offset = this.offset;
      const [shape, stride] = [[], []];
      this.shape.forEach((n, axis) => {
        if (isGiven(at[axis])) {
          offset += this.stride[axis] * at[axis];
        } else {
          shape.push(n);
          stride.push(this.stride[axis]);
        }
      });
      const list = CACHED_CONSTRUCTORS[dtype];
      list[shape.length + 1] ??= compileConstructor(dtype, shape.length);
      return list[shape.length + 1](this.data, shape, stride, offset);
    }
  }
  View.prototype.dtype = dtype;
  View.prototype.dimension = dimension;
  return make;
}
