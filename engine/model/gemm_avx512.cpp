// SPDX-FileCopyrightText: 2026 The Moescope developers
// SPDX-License-Identifier: Apache-2.0
#include "engine/model/gemm_kernels.h"

#include <immintrin.h>

namespace moescope {

namespace {

// 12 x 32 sums in 24 registers, two for the panel's row, one for the factor: 24 products for 14 loads.
constexpr int kMaxRows = 12;

struct Store {
    float* c;
    Bf16Bits* cBf16;
    std::int64_t stride;
    bool accumulate;
    __mmask16 mask[2];
};

// Round to nearest even, NaN to a quiet NaN, without avx512_bf16 so that one file serves all.
inline __m256i toBf16(__m512 x)
{
    const __m512i bits = _mm512_castps_si512(x);
    const __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
    __m512i rounded = _mm512_srli_epi32(_mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7FFF)), odd), 16);
    const __mmask16 nan = _mm512_cmp_ps_mask(x, x, _CMP_UNORD_Q);
    rounded = _mm512_mask_set1_epi32(rounded, nan, 0x7FC0);
    return _mm512_cvtepi32_epi16(rounded);
}

inline __m512 fromBf16(__m256i x) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(x), 16)); }

inline void storeRow(const Store& out, std::int64_t row, int half, __m512 sum)
{
    const __mmask16 mask = out.mask[half];
    const std::int64_t at = row * out.stride + half * 16;
    if (out.cBf16) {
        Bf16Bits* c = out.cBf16 + at;
        if (out.accumulate)
            sum = _mm512_add_ps(sum, fromBf16(_mm256_maskz_loadu_epi16(mask, c)));
        _mm256_mask_storeu_epi16(c, mask, toBf16(sum));
    } else {
        float* c = out.c + at;
        if (out.accumulate)
            sum = _mm512_add_ps(sum, _mm512_maskz_loadu_ps(mask, c));
        _mm512_mask_storeu_ps(c, mask, sum);
    }
}

template <int Rows>
inline void multiplyRows(std::int64_t depth, const float* a, std::int64_t rowStep, std::int64_t columnStep,
    const float* panel, const Store& out, std::int64_t firstRow)
{
    __m512 sum[Rows][2];
    for (int i = 0; i < Rows; ++i)
        sum[i][0] = sum[i][1] = _mm512_setzero_ps();
    // Base pointers three rows apart, so that every address is a base plus 0, 1 or 2 steps.
    const float* base[(Rows + 2) / 3];
    for (int g = 0; g < (Rows + 2) / 3; ++g)
        base[g] = a + 3 * g * rowStep;
    for (std::int64_t p = 0; p < depth; ++p) {
        const __m512 left = _mm512_loadu_ps(panel), right = _mm512_loadu_ps(panel + 16);
        panel += kPanelColumns;
#pragma GCC unroll 12
        for (int i = 0; i < Rows; ++i) {
            const __m512 factor = _mm512_set1_ps(base[i / 3][(i % 3) * rowStep]);
            sum[i][0] = _mm512_fmadd_ps(factor, left, sum[i][0]);
            sum[i][1] = _mm512_fmadd_ps(factor, right, sum[i][1]);
        }
#pragma GCC unroll 4
        for (int g = 0; g < (Rows + 2) / 3; ++g)
            base[g] += columnStep;
    }
#pragma GCC unroll 12
    for (int i = 0; i < Rows; ++i) {
        storeRow(out, firstRow + i, 0, sum[i][0]);
        if (out.mask[1])
            storeRow(out, firstRow + i, 1, sum[i][1]);
    }
}

using MultiplyRows = void (*)(
    std::int64_t, const float*, std::int64_t, std::int64_t, const float*, const Store&, std::int64_t);
constexpr MultiplyRows kMultiplyRows[kMaxRows + 1] = {nullptr, multiplyRows<1>, multiplyRows<2>, multiplyRows<3>,
    multiplyRows<4>, multiplyRows<5>, multiplyRows<6>, multiplyRows<7>, multiplyRows<8>, multiplyRows<9>,
    multiplyRows<10>, multiplyRows<11>, multiplyRows<12>};

inline __mmask16 firstLanes(std::int64_t count)
{
    return static_cast<__mmask16>(count >= 16 ? 0xFFFF : count <= 0 ? 0 : (1u << count) - 1);
}

void multiplyPanel(std::int64_t rows, std::int64_t columns, std::int64_t depth, const float* a, std::int64_t rowStep,
    std::int64_t columnStep, const float* panel, float* c, Bf16Bits* cBf16, std::int64_t strideC, bool accumulate)
{
    const Store out{c, cBf16, strideC, accumulate, {firstLanes(columns), firstLanes(columns - 16)}};
    for (std::int64_t row = 0; row < rows;) {
        const std::int64_t left = rows - row;
        // 16 rows left are 8 + 8, not 12 + 4: few rows wait for each other's sums.
        const std::int64_t now = left >= 20 || left == kMaxRows ? kMaxRows : left > kMaxRows ? (left + 1) / 2 : left;
        kMultiplyRows[now](depth, a + row * rowStep, rowStep, columnStep, panel, out, row);
        row += now;
    }
}

inline __m512 loadLanes(const float* from, __mmask16 mask) { return _mm512_maskz_loadu_ps(mask, from); }
inline __m512 loadLanes(const Bf16Bits* from, __mmask16 mask) { return fromBf16(_mm256_maskz_loadu_epi16(mask, from)); }

inline void transpose16(__m512 (&r)[16])
{
    __m512 t[16];
    for (int i = 0; i < 8; ++i) {
        t[2 * i] = _mm512_unpacklo_ps(r[2 * i], r[2 * i + 1]);
        t[2 * i + 1] = _mm512_unpackhi_ps(r[2 * i], r[2 * i + 1]);
    }
    for (int i = 0; i < 4; ++i) {
        const __m512d a = _mm512_castps_pd(t[4 * i]), b = _mm512_castps_pd(t[4 * i + 1]);
        const __m512d c = _mm512_castps_pd(t[4 * i + 2]), d = _mm512_castps_pd(t[4 * i + 3]);
        r[4 * i] = _mm512_castpd_ps(_mm512_unpacklo_pd(a, c));
        r[4 * i + 1] = _mm512_castpd_ps(_mm512_unpackhi_pd(a, c));
        r[4 * i + 2] = _mm512_castpd_ps(_mm512_unpacklo_pd(b, d));
        r[4 * i + 3] = _mm512_castpd_ps(_mm512_unpackhi_pd(b, d));
    }
    for (int i = 0; i < 4; ++i) {
        const __m512 low = _mm512_shuffle_f32x4(r[i], r[4 + i], 0x88),
                     high = _mm512_shuffle_f32x4(r[i], r[4 + i], 0xDD);
        const __m512 low2 = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0x88);
        const __m512 high2 = _mm512_shuffle_f32x4(r[8 + i], r[12 + i], 0xDD);
        t[i] = _mm512_shuffle_f32x4(low, low2, 0x88);
        t[8 + i] = _mm512_shuffle_f32x4(low, low2, 0xDD);
        t[4 + i] = _mm512_shuffle_f32x4(high, high2, 0x88);
        t[12 + i] = _mm512_shuffle_f32x4(high, high2, 0xDD);
    }
    for (int i = 0; i < 16; ++i)
        r[i] = t[i];
}

template <class T>
void packTransposed(const T* from, std::int64_t stride, std::int64_t depth, std::int64_t columns, float* panel)
{
    for (std::int64_t half = 0; half < kPanelColumns; half += 16) {
        for (std::int64_t p = 0; p < depth; p += 16) {
            const __mmask16 mask = firstLanes(depth - p);
            __m512 rows[16];
            for (std::int64_t j = 0; j < 16; ++j)
                rows[j] = half + j < columns ? loadLanes(from + (half + j) * stride + p, mask) : _mm512_setzero_ps();
            transpose16(rows);
            for (std::int64_t i = 0; i < 16 && p + i < depth; ++i)
                _mm512_storeu_ps(panel + (p + i) * kPanelColumns + half, rows[i]);
        }
    }
}

template <class T>
void packPanel(
    const T* from, std::int64_t stride, bool transposed, std::int64_t depth, std::int64_t columns, float* panel)
{
    if (transposed)
        return packTransposed(from, stride, depth, columns, panel);
    const __mmask16 left = firstLanes(columns), right = firstLanes(columns - 16);
    for (std::int64_t p = 0; p < depth; ++p) {
        _mm512_storeu_ps(panel + p * kPanelColumns, loadLanes(from + p * stride, left));
        _mm512_storeu_ps(panel + p * kPanelColumns + 16, loadLanes(from + p * stride + 16, right));
    }
}

void expandRows(const Bf16Bits* from, std::int64_t stride, std::int64_t rows, std::int64_t columns, float* to)
{
    for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < columns; j += 16) {
            const __mmask16 mask = firstLanes(columns - j);
            _mm512_mask_storeu_ps(to + i * columns + j, mask, loadLanes(from + i * stride + j, mask));
        }
    }
}

}  // namespace

const GemmKernels kAvx512Gemm{multiplyPanel, packPanel<float>, packPanel<Bf16Bits>, expandRows};

}  // namespace moescope
