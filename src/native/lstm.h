// LSTM over a packed batch, forward and backward, all directions in one call.
//
// Layout of the 4H gate columns inside: units are padded to whole vectors; block j holds units [j VL, (j+1) VL) as two panels,
// (I | F) and (C | O), so that one block's gates lie together and the activations run on a tile that is still in the cache.
//
// Reserve, per direction: gates after activation, 2 blocks panels (N, NR); cell states c, per block (N, VL); the hidden state
// each row started from, in unit panels (N, NR). Work goes through time in chunks whose gates fit the second-level cache.
#pragma once
#include "gemm.h"
#include "kernels.h"
#include "split.h"
#include "vmath.h"

namespace dsc {
namespace DSC_ISA {

// Gates of a chunk: about a quarter of a common second-level cache. A test build has less, so that small batches have many.
#if defined(DSC_CHUNK_FLOATS)
constexpr int64_t kChunkFloats = DSC_CHUNK_FLOATS, kLeastChunk = 1;
#else
constexpr int64_t kChunkFloats = 262144, kLeastChunk = 64;
#endif

struct Lstm {
  const LstmShape& s;
  int64_t blocks;      // of VL units
  int64_t unitPanels;  // of NR units
  int64_t columns;     // 4 H with padded units
  int64_t sentences;   // B

  explicit Lstm(const LstmShape& shape) : s(shape) {
    blocks = ceilDiv(s.units, VL);
    unitPanels = ceilDiv(s.units, NR);
    columns = 4 * VL * blocks;
    sentences = s.steps > 0 ? s.stepSizes[0] : 0;
  }

  int64_t gatesSize() const { return s.rows * columns; }
  int64_t cellsSize() const { return s.rows * blocks * VL; }
  int64_t startsSize() const { return s.rows * unitPanels * NR; }
  int64_t reserveSize() const { return gatesSize() + cellsSize() + startsSize(); }
  int64_t alive(int64_t t) const { return t >= 0 && t < s.steps ? s.stepSizes[t] : 0; }
  int unitsIn(int64_t block) const { return static_cast<int>(least(VL, s.units - block * VL)); }

  // The step whose state flows into step t, or out of it.
  int64_t before(int64_t t, int64_t d) const { return d == 0 ? t - 1 : t + 1; }
  int64_t after(int64_t t, int64_t d) const { return d == 0 ? t + 1 : t - 1; }
  // Rows of step t that have a state from the step before it.
  int64_t carried(int64_t t, int64_t d) const { return least(alive(t), alive(before(t, d))); }

  int64_t chunkRows() const {
    const int64_t rows = kChunkFloats / columns;
    return rows > kLeastChunk ? rows : kLeastChunk;
  }
};

// A run of steps in time order [first, last), their rows [row, row + rows).
struct Chunk {
  int64_t first, last, row, rows;
};

// One direction's view of the reserve.
struct Direction {
  int64_t d;
  float *gates, *cells, *starts;
};

struct Steps {
  int64_t* offset;  // (T + 1) first row of each step
  int64_t* slice;   // (team + 1) sentence ranges of about equal token counts
  Chunk* chunks;
  int64_t count;
};

static inline bool planSteps(const Lstm& net, int team, Arena& arena, Steps& plan) {
  const LstmShape& s = net.s;
  auto ints = [&arena](int64_t n) { return reinterpret_cast<int64_t*>(arena.floats(static_cast<size_t>(2 * n))); };
  plan.offset = ints(s.steps + 1);
  plan.slice = ints(team + 1);
  plan.chunks = reinterpret_cast<Chunk*>(ints(4 * (s.steps + 1)));
  if (!plan.offset || !plan.slice || !plan.chunks) return false;
  plan.offset[0] = 0;
  for (int64_t t = 0; t < s.steps; t++) plan.offset[t + 1] = plan.offset[t] + s.stepSizes[t];

  sliceSentences(s.stepSizes, s.steps, s.rows, team, plan.slice);
  plan.count = 0;
  for (int64_t t = 0; t < s.steps;) {
    Chunk& chunk = plan.chunks[plan.count++];
    chunk.first = t;
    chunk.row = plan.offset[t];
    do t++;
    while (t < s.steps && plan.offset[t + 1] - chunk.row <= net.chunkRows());
    chunk.last = t;
    chunk.rows = plan.offset[t] - chunk.row;
  }
  return true;
}

// w (I+H, 4H) rows [from, from + k) into gate panels (k, NR) in block order; panels [first, last) of them.
static inline void packGates(const Lstm& net, const float* w, int64_t from, int64_t k, int64_t first, int64_t last,
                             float* out) {
  const int64_t H = net.s.units;
  out += first * k * NR;
  for (int64_t p = first; p < last; p++) {
    const int64_t unit = p / 2 * VL;
    const int lanesIn = net.unitsIn(p / 2);
    const float* source = w + from * 4 * H + (p % 2) * 2 * H + unit;
    for (int64_t i = 0; i < k; i++, source += 4 * H, out += NR) {
      store(out, loadEdge(source, lanesIn));
      store(out + VL, loadEdge(source + H, lanesIn));
    }
  }
}

// The transpose of rows [from, from + n) of w as panels of NR of those rows, each (4H in block order, NR). When
// `narrow`, a last panel of at most VL rows is VL wide. Member `member` of `team` makes its part of the panels.
static inline void packGatesTransposed(const Lstm& net, const float* w, int64_t from, int64_t n, bool narrow, int team,
                                       int member, float* out) {
  const int64_t H = net.s.units;
  const int64_t panels = ceilDiv(n, NR);
  const int64_t first = part(panels, team, member) * NR, last = least(part(panels, team, member + 1) * NR, n);
  out += first * net.columns;
  for (int64_t q = first; q < last; q += NR) {
    const int64_t count = least(NR, n - q);
    const int width = count > VL || !narrow ? NR : VL;
    for (int64_t j = 0; j < net.blocks; j++) {
      for (int64_t gate = 0; gate < 4; gate++, out += VL * width) {
        const float* source = w + (from + q) * 4 * H + gate * H + j * VL;
        packPanelTransposed(source, 4 * H, net.unitsIn(j), static_cast<int>(count), width, out);
        for (int64_t i = net.unitsIn(j) * width; i < VL * width; i++) out[i] = 0;
      }
    }
  }
}

struct LstmJob {
  const Lstm& net;
  const Steps& plan;
  Direction* direction;
  int team;  // members that share the work of a direction
  const float *x = nullptr, *w = nullptr, *b = nullptr;
  float* h = nullptr;
  const float* dh = nullptr;
  float *dx = nullptr, *dw = nullptr, *db = nullptr;
  // Per direction scratch: packed weights, gradients of one chunk's gates, of x and of the weights, and the state gradients on
  // their way to the step before.
  float *wx[2] = {}, *wh[2] = {}, *bias[2] = {};
  float *dGates[2] = {}, *dxPart[2] = {}, *dwPanels[2] = {};
  float *dStart[2] = {}, *dCell[2] = {};
  int64_t chunkRows = 0;
};

static inline vf sigmoidSlope(vf y) { return y - y * y; }

// Activations of rows [row, row + count) of one block; the first `carried` of them have a cell state to start from, at row
// `from`; those that live on leave h at row `to` of starts.
static inline void activate(const LstmJob& job, const Direction& dir, int64_t j, int64_t row, int64_t count, int64_t carried,
                            int64_t from, int64_t to, int64_t living) {
  const int64_t N = job.net.s.rows;
  const int64_t hStride = job.net.s.directions * job.net.s.units;
  const int lanesIn = job.net.unitsIn(j);
  float* inForget = dir.gates + (2 * j * N + row) * NR;
  float* candOut = inForget + N * NR;
  float* cells = dir.cells + j * N * VL;
  float* starts = dir.starts + (j / 2 * N + to) * NR + j % 2 * VL;
  float* h = job.h + row * hStride + dir.d * job.net.s.units + j * VL;
  for (int64_t i = 0; i < count; i++) {
    const vf in = vsigmoid(load(inForget + i * NR));
    const vf forget = vsigmoid(load(inForget + i * NR + VL));
    const vf candidate = vtanh(load(candOut + i * NR));
    const vf out = vsigmoid(load(candOut + i * NR + VL));
    vf c = in * candidate;
    if (i < carried) c += forget * load(cells + (from + i) * VL);
    const vf y = out * vtanh(c);
    store(inForget + i * NR, in);
    store(inForget + i * NR + VL, forget);
    store(candOut + i * NR, candidate);
    store(candOut + i * NR + VL, out);
    store(cells + (row + i) * VL, c);
    storeEdge(h + i * hStride, y, lanesIn);
    if (i < living) store(starts + i * NR, y);
  }
}

// x . Wx + b for the rows of a chunk, this member's part of them.
static inline void projectInputs(const LstmJob& job, const Direction& dir, int member, const Chunk& chunk) {
  const Lstm& net = job.net;
  const int64_t from = part(chunk.rows, job.team, member);
  const int64_t count = part(chunk.rows, job.team, member + 1) - from;
  Tile t = {};
  t.a = job.x + (chunk.row + from) * net.s.inputs;
  t.stride = net.s.inputs;
  t.k = net.s.inputs;
  t.cStride = NR;
  t.lanes[0] = t.lanes[1] = VL;
  for (int64_t p = 0; p < 2 * net.blocks; p++) {
    t.b = job.wx[dir.d] + p * net.s.inputs * NR;
    t.bias = job.bias[dir.d] + p * NR;
    t.c[0] = dir.gates + (p * net.s.rows + chunk.row + from) * NR;
    t.c[1] = t.c[0] + VL;
    panelProduct<A::rows>(t, count);
  }
}

// Step t for sentences [from, to): + h_before . Wh, activations, new states.
static inline void stepForward(const LstmJob& job, const Direction& dir, int64_t t, int64_t from, int64_t to) {
  const Lstm& net = job.net;
  const int64_t count = least(to, net.alive(t)) - from;
  if (count <= 0) return;
  int64_t carried = least(to, net.carried(t, dir.d)) - from;
  if (carried < 0) carried = 0;
  const int64_t before = net.before(t, dir.d), after = net.after(t, dir.d);
  const int64_t living = least(count, net.alive(after) - from);
  const int64_t row = job.plan.offset[t] + from;
  const int64_t rowBefore = carried > 0 ? job.plan.offset[before] + from : 0;
  const int64_t rowAfter = living > 0 ? job.plan.offset[after] + from : 0;
  // Rows that begin here start from zeros.
  for (int64_t q = 0; q < net.unitPanels; q++) {
    float* start = dir.starts + (q * net.s.rows + row + carried) * NR;
    std::memset(start, 0, static_cast<size_t>((count - carried) * NR) * sizeof(float));
  }
  Tile tile = {};
  tile.a = dir.starts + row * NR;
  tile.panelStride = net.s.rows * NR;
  tile.k = net.s.units;
  tile.accumulate = true;
  tile.cStride = NR;
  tile.lanes[0] = tile.lanes[1] = VL;
  for (int64_t j = 0; j < net.blocks; j++) {
    for (int64_t p = 2 * j; p < 2 * j + 2 && carried > 0; p++) {
      tile.b = job.wh[dir.d] + p * net.s.units * NR;
      tile.c[0] = dir.gates + (p * net.s.rows + row) * NR;
      tile.c[1] = tile.c[0] + VL;
      panelProduct<A::panel>(tile, carried);
    }
    activate(job, dir, j, row, count, carried, rowBefore, rowAfter, living);
  }
}

// Stage 0 packs the weights; then two stages for each chunk, in the order of the direction.
static void forwardPart(void* arg, Part part_) {
  const LstmJob& job = *static_cast<const LstmJob*>(arg);
  const Direction& dir = job.direction[part_.chain];
  const Lstm& net = job.net;
  const int member = part_.unit;
  if (part_.stage == 0) {
    const int64_t first = part(2 * net.blocks, job.team, member), last = part(2 * net.blocks, job.team, member + 1);
    const float* w = job.w + dir.d * (net.s.inputs + net.s.units) * 4 * net.s.units;
    packGates(net, w, 0, net.s.inputs, first, last, job.wx[dir.d]);
    packGates(net, w, net.s.inputs, net.s.units, first, last, job.wh[dir.d]);
    packGates(net, job.b + dir.d * 4 * net.s.units, 0, 1, first, last, job.bias[dir.d]);
    return;
  }
  const int64_t i = (part_.stage - 1) / 2;
  const Chunk& chunk = job.plan.chunks[dir.d == 0 ? i : job.plan.count - 1 - i];
  if (part_.stage % 2 == 1) return projectInputs(job, dir, member, chunk);
  for (int64_t n = chunk.last - chunk.first, k = 0; k < n; k++) {
    const int64_t t = dir.d == 0 ? chunk.first + k : chunk.last - 1 - k;
    stepForward(job, dir, t, job.plan.slice[member], job.plan.slice[member + 1]);
  }
}

// Gate gradients of step t for sentences [from, to), then what they pass to the step before.
static inline void stepBackward(const LstmJob& job, const Direction& dir, const Chunk& chunk, int64_t t, int64_t from,
                                int64_t to) {
  const Lstm& net = job.net;
  const int64_t N = net.s.rows, H = net.s.units, d = dir.d;
  const int64_t count = least(to, net.alive(t)) - from;
  if (count <= 0) return;
  int64_t carried = least(to, net.carried(t, d)) - from;
  if (carried < 0) carried = 0;
  const int64_t before = net.before(t, d);
  const int64_t row = job.plan.offset[t] + from;
  const int64_t rowBefore = carried > 0 ? job.plan.offset[before] + from : 0;
  // Rows whose state went on: their gradients came back.
  const int64_t living = least(count, net.alive(net.after(t, d)) - from);
  const int64_t dhStride = net.s.directions * H;
  const int64_t local = row - chunk.row;
  for (int64_t j = 0; j < net.blocks; j++) {
    const int lanesIn = net.unitsIn(j);
    const float* inForget = dir.gates + (2 * j * N + row) * NR;
    const float* candOut = inForget + N * NR;
    const float* cells = dir.cells + j * N * VL;
    const float* dh = job.dh + row * dhStride + d * H + j * VL;
    const float* dStart = job.dStart[d] + (j / 2 * net.sentences + from) * NR + j % 2 * VL;
    float* dCell = job.dCell[d] + (j * net.sentences + from) * VL;
    float* dInForget = job.dGates[d] + (2 * j * job.chunkRows + local) * NR;
    float* dCandOut = dInForget + job.chunkRows * NR;
    for (int64_t i = 0; i < count; i++) {
      const vf in = load(inForget + i * NR);
      const vf forget = load(inForget + i * NR + VL);
      const vf candidate = load(candOut + i * NR);
      const vf out = load(candOut + i * NR + VL);
      const vf tanhC = vtanh(load(cells + (row + i) * VL));
      vf dy = loadEdge(dh + i * dhStride, lanesIn);
      if (i < living) dy += load(dStart + i * NR);
      vf dc = dy * out * (splat(1) - tanhC * tanhC);
      if (i < living) dc += load(dCell + i * VL);
      const vf cBefore = i < carried ? load(cells + (rowBefore + i) * VL) : splat(0);
      store(dInForget + i * NR, dc * candidate * sigmoidSlope(in));
      store(dInForget + i * NR + VL, dc * cBefore * sigmoidSlope(forget));
      store(dCandOut + i * NR, dc * in * (splat(1) - candidate * candidate));
      store(dCandOut + i * NR + VL, dy * tanhC * sigmoidSlope(out));
      store(dCell + i * VL, dc * forget);
    }
  }
  Tile tile = {};
  tile.a = job.dGates[d] + local * NR;
  tile.panelStride = job.chunkRows * NR;
  tile.k = net.columns;
  tile.cStride = NR;
  tile.lanes[0] = tile.lanes[1] = VL;
  for (int64_t q = 0; q < net.unitPanels && carried > 0; q++) {
    tile.b = job.wh[d] + q * net.columns * NR;
    tile.c[0] = job.dStart[d] + (q * net.sentences + from) * NR;
    tile.c[1] = tile.c[0] + VL;
    panelProduct<A::panel>(tile, carried);
  }
}

// dx = dGates . Wx^T for this member's rows of a chunk.
static inline void gradInputs(const LstmJob& job, const Direction& dir, int member, const Chunk& chunk) {
  const Lstm& net = job.net;
  const int64_t I = net.s.inputs;
  const int64_t from = part(chunk.rows, job.team, member);
  const int64_t count = part(chunk.rows, job.team, member + 1) - from;
  Tile t = {};
  t.a = job.dGates[dir.d] + from * NR;
  t.panelStride = job.chunkRows * NR;
  t.k = net.columns;
  t.cStride = I;
  for (int64_t q = 0; q * NR < I; q++) {
    t.b = job.wx[dir.d] + q * net.columns * NR;
    t.c[0] = job.dxPart[dir.d] + (chunk.row + from) * I + q * NR;
    t.c[1] = t.c[0] + VL;
    t.lanes[0] = static_cast<int>(least(VL, I - q * NR));
    t.lanes[1] = static_cast<int>(least(VL, I - q * NR - VL));
    if (t.lanes[1] > 0) {
      panelProduct<A::panel, 2>(t, count);
    } else {
      panelProduct<A::panel, 1>(t, count);
    }
  }
}

// dW += [x h_before]^T . dGates and db += the column sums, for this member's gate panels of a chunk. dW is summed in panels
// (I + H, NR): rows of dw itself lie 4 H apart, which puts a tile's rows into few sets of the cache.
static inline void gradWeights(const LstmJob& job, const Direction& dir, int member, const Chunk& chunk, bool first,
                               bool last) {
  const Lstm& net = job.net;
  const int64_t I = net.s.inputs, H = net.s.units;
  float* dw = job.dw + dir.d * (I + H) * 4 * H;
  float* db = job.db + dir.d * 4 * H;
  Tile t = {};
  t.k = chunk.rows;
  t.accumulate = !first;
  t.cStride = NR;
  t.lanes[0] = t.lanes[1] = VL;
  const int64_t panels = 2 * net.blocks;
  for (int64_t p = part(panels, job.team, member); p < part(panels, job.team, member + 1); p++) {
    const float* dGates = job.dGates[dir.d] + p * job.chunkRows * NR;
    float* sums = job.dwPanels[dir.d] + p * (I + H) * NR;
    t.b = dGates;
    t.a = job.x + chunk.row * I;
    t.stride = I;
    t.c[0] = sums;
    t.c[1] = sums + VL;
    panelProduct<A::transposed>(t, I);
    t.stride = NR;
    for (int64_t q = 0; q < net.unitPanels; q++) {
      t.a = dir.starts + (q * net.s.rows + chunk.row) * NR;
      t.c[0] = sums + (I + q * NR) * NR;
      t.c[1] = t.c[0] + VL;
      panelProduct<A::transposed>(t, least(NR, H - q * NR));
    }
    const int64_t column = p % 2 * 2 * H + p / 2 * VL;
    const int lanesIn = net.unitsIn(p / 2);
    vf sum0 = first ? splat(0) : loadEdge(db + column, lanesIn);
    vf sum1 = first ? splat(0) : loadEdge(db + column + H, lanesIn);
    for (int64_t n = 0; n < chunk.rows; n++) {
      sum0 += load(dGates + n * NR);
      sum1 += load(dGates + n * NR + VL);
    }
    storeEdge(db + column, sum0, lanesIn);
    storeEdge(db + column + H, sum1, lanesIn);
    for (int64_t i = 0; last && i < I + H; i++) {
      storeEdge(dw + i * 4 * H + column, load(sums + i * NR), lanesIn);
      storeEdge(dw + i * 4 * H + column + H, load(sums + i * NR + VL), lanesIn);
    }
  }
}

// Stage 0 packs the weights; then for each chunk, against the order of the direction, the steps and what their gradients add up to.
static void backwardPart(void* arg, Part part_) {
  const LstmJob& job = *static_cast<const LstmJob*>(arg);
  const Direction& dir = job.direction[part_.chain];
  const Lstm& net = job.net;
  const int member = part_.unit;
  if (part_.stage == 0) {
    const float* w = job.w + dir.d * (net.s.inputs + net.s.units) * 4 * net.s.units;
    packGatesTransposed(net, w, 0, net.s.inputs, true, job.team, member, job.wx[dir.d]);
    packGatesTransposed(net, w, net.s.inputs, net.s.units, false, job.team, member, job.wh[dir.d]);
    return;
  }
  const int64_t i = (part_.stage - 1) / 2;
  const Chunk& chunk = job.plan.chunks[dir.d == 0 ? job.plan.count - 1 - i : i];
  if (part_.stage % 2 == 0) {
    gradInputs(job, dir, member, chunk);
    gradWeights(job, dir, member, chunk, i == 0, i + 1 == job.plan.count);
    return;
  }
  for (int64_t n = chunk.last - chunk.first, k = 0; k < n; k++) {
    const int64_t t = dir.d == 0 ? chunk.last - 1 - k : chunk.first + k;
    stepBackward(job, dir, chunk, t, job.plan.slice[member], job.plan.slice[member + 1]);
  }
}

static inline JobShape lstmShape(const LstmJob& job) {
  return {static_cast<int>(job.net.s.directions), static_cast<int>(1 + 2 * job.plan.count), job.team, true};
}

static inline void prepare(const Lstm& net, Direction* directions, float* reserve) {
  // To the next cache line: JavaScript's arrays start anywhere, and a vector across two lines costs two accesses.
  const auto address = reinterpret_cast<uintptr_t>(reserve);
  float* aligned = reserve + (64 - address % 64) % 64 / sizeof(float);
  for (int64_t d = 0; d < net.s.directions; d++) {
    Direction& dir = directions[d];
    dir.d = d;
    dir.gates = aligned + d * net.reserveSize();
    dir.cells = dir.gates + net.gatesSize();
    dir.starts = dir.cells + net.cellsSize();
  }
}

// Threads a direction can use: no more than sentences.
static inline int teamOf(const Lstm& net, int threads) {
  const int64_t team = least(threads / net.s.directions, net.sentences);
  return static_cast<int>(team < 1 ? 1 : team);
}

static int64_t lstmReserve(const LstmShape& s) { return s.directions * Lstm(s).reserveSize() + 16; }

static bool lstm(Context& context, const LstmShape& s, const float* x, const float* w, const float* b, float* h,
                 float* reserve) {
  const Lstm net(s);
  if (s.rows == 0) return true;
  context.arena.reset();
  Direction directions[2];
  const int team = teamOf(net, context.pool.threads());
  prepare(net, directions, reserve);
  Steps plan = {};
  if (!planSteps(net, team, context.arena, plan)) return false;
  LstmJob job = {net, plan, directions, team};
  job.x = x;
  job.w = w;
  job.b = b;
  job.h = h;
  for (int64_t d = 0; d < s.directions; d++) {
    job.wx[d] = context.arena.floats(static_cast<size_t>(s.inputs * net.columns));
    job.wh[d] = context.arena.floats(static_cast<size_t>(s.units * net.columns));
    job.bias[d] = context.arena.floats(static_cast<size_t>(net.columns));
    if (!job.wx[d] || !job.wh[d] || !job.bias[d]) return false;
  }
  context.pool.run(lstmShape(job), forwardPart, &job);
  return true;
}

static bool lstmGrad(Context& context, const LstmShape& s, const float* x, const float* w, const float* reserve,
                     const float* dh, float* dx, float* dw, float* db) {
  const Lstm net(s);
  if (s.rows == 0) {
    std::memset(dw, 0, static_cast<size_t>(s.directions * (s.inputs + s.units) * 4 * s.units) * sizeof(float));
    std::memset(db, 0, static_cast<size_t>(s.directions * 4 * s.units) * sizeof(float));
    return true;
  }
  context.arena.reset();
  Direction directions[2];
  const int team = teamOf(net, context.pool.threads());
  prepare(net, directions, const_cast<float*>(reserve));
  Steps plan = {};
  if (!planSteps(net, team, context.arena, plan)) return false;
  LstmJob job = {net, plan, directions, team};
  job.x = x;
  job.w = w;
  job.dh = dh;
  job.dw = dw;
  job.db = db;
  for (int64_t i = 0; i < plan.count; i++) {
    if (plan.chunks[i].rows > job.chunkRows) job.chunkRows = plan.chunks[i].rows;
  }
  for (int64_t d = 0; d < s.directions; d++) {
    Arena& arena = context.arena;
    job.wx[d] = arena.floats(static_cast<size_t>(ceilDiv(s.inputs, NR) * NR * net.columns));
    job.wh[d] = arena.floats(static_cast<size_t>(net.unitPanels * NR * net.columns));
    job.dGates[d] = arena.floats(static_cast<size_t>(job.chunkRows * net.columns));
    job.dxPart[d] = d == 0 ? dx : arena.floats(static_cast<size_t>(s.rows * s.inputs));
    job.dwPanels[d] = arena.floats(static_cast<size_t>((s.inputs + s.units) * net.columns));
    job.dStart[d] = arena.floats(static_cast<size_t>(net.unitPanels * NR * net.sentences));
    job.dCell[d] = arena.floats(static_cast<size_t>(net.blocks * VL * net.sentences));
    if (!job.wx[d] || !job.wh[d] || !job.dGates[d] || !job.dwPanels[d] || !job.dStart[d] || !job.dCell[d]) return false;
    if (d > 0 && !job.dxPart[d]) return false;  // dx may be null when there are no inputs
  }
  context.pool.run(lstmShape(job), backwardPart, &job);
  if (s.directions == 2) {
    const float* other = job.dxPart[1];
    split(context, s.rows * s.inputs, s.rows * s.inputs, [=](int64_t from, int64_t to) {
      for (int64_t i = from; i < to; i++) dx[i] += other[i];
    });
  }
  return true;
}

}  // namespace DSC_ISA
}  // namespace dsc
