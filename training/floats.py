"""An ONNX graph in torch: lazily, in floats where the file has 8-bit numbers, and with gradients.

A dynamically quantised layer quantises its input, multiplies whole numbers and scales back. Here the input passes as it
is, with scale 1, and the weights are floats again, so that the whole is differentiable and nearly the same function.
Only what Kokoro's and viet-asr's graphs need is here.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

_TYPES = {
    1: torch.float32,
    2: torch.uint8,
    3: torch.int8,
    6: torch.int32,
    7: torch.int64,
    9: torch.bool,
    10: torch.float16,
    11: torch.float64,
}
_QUANTISED_BIAS = "bias_quant"
"""In the names of nodes that round a bias to whole numbers: here it stays a float."""
_PLAIN: dict[str, Callable[..., Tensor]] = {
    "Add": torch.add,
    "Sub": torch.sub,
    "Mul": torch.mul,
    "Sqrt": torch.sqrt,
    "Reciprocal": torch.reciprocal,
    "Exp": torch.exp,
    "Sin": torch.sin,
    "Cos": torch.cos,
    "Atan": torch.atan,
    "Tanh": torch.tanh,
    "Sigmoid": torch.sigmoid,
    "Relu": torch.relu,
    "Less": torch.less,
    "Greater": torch.greater,
    "GreaterOrEqual": torch.greater_equal,
    "Equal": torch.eq,
    "And": torch.logical_and,
    "Where": torch.where,
    "MatMul": torch.matmul,
}
_FOLDED = frozenset(
    (
        "Add", "Cast", "Concat", "Constant", "ConstantOfShape", "DequantizeLinear", "Div", "Gather", "Mul", "Range",
        "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze",
    )
)  # fmt: skip


class Network:
    """A model file. `constants` are its weights by name, in floats where they could be folded."""

    def __init__(self, path: Path) -> None:
        self._graph = onnx.load(str(path)).graph
        self._makers = {output: node for node in self._graph.node for output in node.output if output}
        self._attributes = {
            id(node): {one.name: onnx.helper.get_attribute_value(one) for one in node.attribute}
            for node in self._graph.node
        }
        self.constants: dict[str, Tensor] = {
            one.name: torch.from_numpy(np.array(numpy_helper.to_array(one))) for one in self._graph.initializer
        }
        self.weights = frozenset(self.constants)
        self._prepared: dict[str, Any] = {}
        self._plans: dict[tuple[frozenset[str], tuple[str, ...]], tuple[list[Any], dict[str, int]]] = {}
        for node in self._graph.node:
            if node.op_type in _FOLDED and all(not name or name in self.constants for name in node.input):
                made = self._made(node, [self.constants[name] if name else None for name in node.input])
                self.constants |= {name: value for name, value in zip(node.output, made, strict=False) if name}

    def run(self, given: Mapping[str, Tensor], wanted: Sequence[str]) -> list[Tensor]:
        """The wanted tensors. What is given by name goes before what the file has, weights among it."""
        key = frozenset(given), tuple(wanted)
        if key not in self._plans:
            self._plans[key] = self._plan(given, wanted)
        nodes, last = self._plans[key]
        values = dict(given)
        for at, node in enumerate(nodes):
            inputs = [
                (values[name] if name in values else self.constants[name]) if name else None for name in node.input
            ]
            values |= {name: made for name, made in zip(node.output, self._made(node, inputs), strict=False) if name}
            for name in node.input:
                if last[name] == at and name in values and name not in wanted and name not in given:
                    del values[name]
        return [values[name] if name in values else self.constants[name] for name in wanted]

    def _plan(self, given: Mapping[str, Tensor], wanted: Sequence[str]) -> tuple[list[Any], dict[str, int]]:
        needed, waiting = set(), list(wanted)
        while waiting:
            name = waiting.pop()
            if not name or name in given or name in self.constants:
                continue
            node = self._makers[name]
            if id(node) not in needed:
                needed.add(id(node))
                waiting += node.input
        nodes = [node for node in self._graph.node if id(node) in needed]
        return nodes, {name: at for at, node in enumerate(nodes) for name in node.input}

    def _made(self, node: Any, inputs: list[Tensor | None]) -> tuple[Tensor, ...]:
        plain = _PLAIN.get(node.op_type)
        made = plain(*inputs) if plain else getattr(self, f"_{node.op_type}")(node, self._attributes[id(node)], *inputs)
        return made if isinstance(made, tuple) else (made,)

    # What follows is named after the operators of onnx.ai/onnx/operators and of com.microsoft.

    def _Constant(self, node: Any, own: dict[str, Any]) -> Tensor:
        return torch.from_numpy(np.array(numpy_helper.to_array(own["value"])))

    def _Div(self, node: Any, own: dict[str, Any], x: Tensor, y: Tensor) -> Tensor:
        whole = not (x.is_floating_point() or y.is_floating_point())
        return torch.div(x, y, rounding_mode="trunc" if whole else None)

    def _Pow(self, node: Any, own: dict[str, Any], x: Tensor, y: Tensor) -> Tensor:
        return x * x if y.numel() == 1 and float(y) == 2.0 else x**y

    def _Floor(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return x if _QUANTISED_BIAS in node.name else torch.floor(x)

    def _Cast(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return x if _QUANTISED_BIAS in node.name else x.to(_TYPES[own["to"]])

    def _ThresholdedRelu(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return torch.where(x > own.get("alpha", 1.0), x, torch.zeros_like(x))

    def _LeakyRelu(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return functional.leaky_relu(x, own.get("alpha", 0.01))

    def _Softmax(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return torch.softmax(x, own.get("axis", -1))

    def _LogSoftmax(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return torch.log_softmax(x, own.get("axis", -1))

    def _FastGelu(self, node: Any, own: dict[str, Any], x: Tensor, bias: Tensor | None = None) -> Tensor:
        return functional.gelu(x if bias is None else x + bias, approximate="tanh")

    def _Shape(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return torch.tensor(x.shape, dtype=torch.int64)

    def _Gather(self, node: Any, own: dict[str, Any], x: Tensor, at: Tensor) -> Tensor:
        axis = own.get("axis", 0)
        at = torch.where(at < 0, at + x.shape[axis], at)
        picked = torch.index_select(x, axis, at.reshape(-1))
        return picked.reshape([*x.shape[:axis], *at.shape, *x.shape[axis + 1 :]])

    def _Unsqueeze(self, node: Any, own: dict[str, Any], x: Tensor, axes: Tensor | None = None) -> Tensor:
        named = own["axes"] if axes is None else axes.tolist()
        for axis in sorted(one % (x.dim() + len(named)) for one in named):
            x = x.unsqueeze(axis)
        return x

    def _Squeeze(self, node: Any, own: dict[str, Any], x: Tensor, axes: Tensor | None = None) -> Tensor:
        named = own.get("axes") if axes is None else axes.tolist()
        return x.squeeze() if named is None else x.squeeze(tuple(named))

    def _Reshape(self, node: Any, own: dict[str, Any], x: Tensor, shape: Tensor) -> Tensor:
        return x.reshape([x.shape[at] if size == 0 else size for at, size in enumerate(shape.tolist())])

    def _Transpose(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return x.permute(own.get("perm") or list(range(x.dim()))[::-1])

    def _Concat(self, node: Any, own: dict[str, Any], *parts: Tensor) -> Tensor:
        return torch.cat(parts, own["axis"])

    def _Split(self, node: Any, own: dict[str, Any], x: Tensor, sizes: Tensor | None = None) -> tuple[Tensor, ...]:
        axis = own.get("axis", 0)
        each = -(-x.shape[axis] // len(node.output)) if sizes is None else sizes.tolist()
        return tuple(torch.split(x, each, axis))

    def _Slice(
        self,
        node: Any,
        own: dict[str, Any],
        x: Tensor,
        starts: Tensor,
        ends: Tensor,
        axes: Tensor | None = None,
        steps: Tensor | None = None,
    ) -> Tensor:
        named = list(range(len(starts))) if axes is None else axes.tolist()
        paces = [1] * len(named) if steps is None else steps.tolist()
        for start, end, axis, step in zip(starts.tolist(), ends.tolist(), named, paces, strict=True):
            length = x.shape[axis]
            stop = None if step < 0 and end < -length else end
            places = range(*slice(start, stop, step).indices(length))
            if step > 0:
                x = x.narrow(axis, places.start, max(0, places.stop - places.start))
                x = x[(slice(None),) * (axis % x.dim()) + (slice(None, None, step),)] if step > 1 else x
            else:
                x = torch.index_select(x, axis, torch.tensor(list(places), dtype=torch.int64))
        return x

    def _Expand(self, node: Any, own: dict[str, Any], x: Tensor, shape: Tensor) -> Tensor:
        return x.expand(torch.broadcast_shapes(tuple(x.shape), tuple(shape.tolist())))

    def _ConstantOfShape(self, node: Any, own: dict[str, Any], shape: Tensor) -> Tensor:
        value = numpy_helper.to_array(own["value"]) if "value" in own else np.zeros(1, np.float32)
        return torch.from_numpy(np.full(shape.tolist(), value.item(), value.dtype))

    def _Range(self, node: Any, own: dict[str, Any], start: Tensor, limit: Tensor, delta: Tensor) -> Tensor:
        return torch.arange(start.item(), limit.item(), delta.item(), dtype=start.dtype)

    def _NonZero(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return torch.nonzero(x).T

    def _CumSum(self, node: Any, own: dict[str, Any], x: Tensor, axis: Tensor) -> Tensor:
        return torch.cumsum(x, int(axis))

    def _ScatterND(self, node: Any, own: dict[str, Any], x: Tensor, places: Tensor, values: Tensor) -> Tensor:
        changed = x.clone()
        changed[tuple(places.movedim(-1, 0))] = values
        return changed

    def _Pad(self, node: Any, own: dict[str, Any], x: Tensor, pads: Tensor, value: Tensor | None = None) -> Tensor:
        widths, rank = pads.tolist(), x.dim()
        sides = _sides(widths, rank)
        mode = own.get("mode", b"constant").decode()
        if mode == "constant":
            return functional.pad(x, sides, value=0.0 if value is None else value.item())
        while len(sides) > 2 and sides[-2:] == [0, 0]:
            sides = sides[:-2]
        return functional.pad(x, sides, mode={"reflect": "reflect", "edge": "replicate"}[mode])

    def _ReduceMean(self, node: Any, own: dict[str, Any], x: Tensor, axes: Tensor | None = None) -> Tensor:
        named = own.get("axes") if axes is None else axes.tolist()
        return x.mean(named, keepdim=bool(own.get("keepdims", 1)))

    def _GlobalAveragePool(self, node: Any, own: dict[str, Any], x: Tensor) -> Tensor:
        return x.mean(list(range(2, x.dim())), keepdim=True)

    def _FusedMatMul(self, node: Any, own: dict[str, Any], x: Tensor, y: Tensor) -> Tensor:
        left = x.transpose(-1, -2) if own.get("transA") else x
        right = y.transpose(-1, -2) if own.get("transB") else y
        return own.get("alpha", 1.0) * (left @ right)

    def _DynamicQuantizeLinear(self, node: Any, own: dict[str, Any], x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        return x, torch.tensor(1.0), torch.tensor(0.0)

    def _DequantizeLinear(
        self, node: Any, own: dict[str, Any], x: Tensor, scale: Tensor, zero: Tensor | None = None
    ) -> Tensor:
        scale, zero = scale.float(), torch.tensor(0.0) if zero is None else zero.float()
        if scale.numel() > 1:
            shape = [1] * x.dim()
            shape[own.get("axis", 1)] = -1
            scale, zero = scale.reshape(shape), zero.reshape(shape)
        return (x.float() - zero) * scale

    def _whole(self, node: Any, weight: Tensor, zeros: Sequence[Tensor], axis: int) -> Tensor:
        """A layer's weights as floats; `zeros` are those of input and weights, where the file has them."""
        name = node.input[1]
        if name not in self._prepared:
            zero = zeros[1].float() if len(zeros) > 1 else torch.tensor(0.0)
            shape = [1] * weight.dim()
            shape[axis] = -1
            self._prepared[name] = (weight.float() - zero.reshape(shape if zero.numel() > 1 else [])).contiguous()
        return self._prepared[name]

    def _MatMulInteger(self, node: Any, own: dict[str, Any], x: Tensor, weight: Tensor, *zeros: Tensor) -> Tensor:
        if node.input[1] not in self.constants:
            return x @ weight
        return x @ self._whole(node, weight, zeros, -1)

    def _ConvInteger(self, node: Any, own: dict[str, Any], x: Tensor, weight: Tensor, *zeros: Tensor) -> Tensor:
        return self._Conv(node, own, x, self._whole(node, weight, zeros, 0))

    def _Conv(self, node: Any, own: dict[str, Any], x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        rank = weight.dim() - 2
        pads = own.get("pads", [0] * 2 * rank)
        if pads[:rank] != pads[rank:]:
            x, pads = functional.pad(x, _sides(pads, rank)), [0] * 2 * rank
        convolve = functional.conv1d if rank == 1 else functional.conv2d
        ones = [1] * rank
        return convolve(
            x, weight, bias, own.get("strides", ones), pads[:rank], own.get("dilations", ones), own.get("group", 1)
        )

    def _ConvTranspose(
        self, node: Any, own: dict[str, Any], x: Tensor, weight: Tensor, bias: Tensor | None = None
    ) -> Tensor:
        pads = own.get("pads", [0, 0])
        more = own.get("output_padding", [0])
        whole = functional.conv_transpose1d(
            x, weight, bias, own.get("strides", [1]), 0, more, own.get("group", 1), own.get("dilations", [1])
        )
        return whole[..., pads[0] : whole.shape[-1] - pads[1]]

    def _Resize(self, node: Any, own: dict[str, Any], x: Tensor, _region: Tensor | None, scales: Tensor) -> Tensor:
        size = [math.floor(x.shape[2 + at] * scale) for at, scale in enumerate(scales.tolist()[2:])]
        if own.get("mode", b"nearest") == b"nearest":
            return functional.interpolate(x, size=size, mode="nearest")
        return functional.interpolate(x, size=size, mode="linear", align_corners=False)

    def _LayerNormalization(
        self, node: Any, own: dict[str, Any], x: Tensor, weight: Tensor, bias: Tensor | None = None
    ) -> Tensor:
        return functional.layer_norm(x, tuple(weight.shape), weight, bias, own.get("epsilon", 1e-5))

    def _SkipLayerNormalization(
        self,
        node: Any,
        own: dict[str, Any],
        x: Tensor,
        skip: Tensor,
        weight: Tensor,
        bias: Tensor | None = None,
        shift: Tensor | None = None,
    ) -> Tensor:
        whole = x + skip if shift is None else x + skip + shift
        return functional.layer_norm(whole, tuple(weight.shape), weight, bias, own.get("epsilon", 1e-5))

    def _DynamicQuantizeLSTM(self, node: Any, own: dict[str, Any], x: Tensor, *inputs: Any) -> Tensor:
        weight, recurrent, bias, *_, weight_scale, weight_zero, recurrent_scale, recurrent_zero = inputs
        size, name, ways = own["hidden_size"], node.output[0], weight.shape[0]
        if name not in self._prepared:
            # ONNX has the gates in the order input, output, forget, cell; torch wants input, forget, cell, output.
            order = torch.cat([torch.arange(size) + size * gate for gate in (0, 2, 3, 1)])

            def floats(whole: Tensor, scale: Tensor, zero: Tensor) -> Tensor:
                shift, steps = (one.float().reshape(ways, 1, -1) for one in (zero, scale))
                return ((whole.float() - shift) * steps).transpose(1, 2)[:, order]

            layer = torch.nn.LSTM(x.shape[-1], size, bidirectional=ways == 2)
            parts = (
                floats(weight, weight_scale, weight_zero),
                floats(recurrent, recurrent_scale, recurrent_zero),
                bias[:, : 4 * size][:, order],
                bias[:, 4 * size :][:, order],
            )
            for way, suffix in zip(range(ways), ("", "_reverse"), strict=False):
                for part, kind in zip(parts, ("weight_ih", "weight_hh", "bias_ih", "bias_hh"), strict=True):
                    getattr(layer, f"{kind}_l0{suffix}").data = part[way].contiguous()
            self._prepared[name] = layer.requires_grad_(requires_grad=False)
        made, _ = self._prepared[name](x)
        return made.reshape(x.shape[0], x.shape[1], ways, size).permute(0, 2, 1, 3)


def _sides(pads: Sequence[int], rank: int) -> list[int]:
    """ONNX's widths (all begins, then all ends) as torch wants them: begin and end of each axis, the last one first."""
    return [side for axis in reversed(range(rank)) for side in (pads[axis], pads[rank + axis])]
