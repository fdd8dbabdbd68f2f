"""PyTorch's side of `vitrine bench train`.

Arguments: model, safetensors file, threads. Speaks the protocol of src/cli/bench/measure.ts: one step at once, to warm
up, then one for each line on standard input; each is answered by a line of JSON.
"""

import json
import resource
import signal
import struct
import sys
import time

import torch
import torch.nn.functional as F

BLOCKS = 6
HEADS = 4


def read_tensors(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        body = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        start, end = entry["data_offsets"]
        dtype = {"F32": torch.float32, "I32": torch.int32}[entry["dtype"]]
        flat = torch.frombuffer(body, dtype=dtype, offset=start, count=(end - start) // 4)
        tensors[name] = flat.reshape(entry["shape"]).clone()
    return tensors


def mlp(p, x):
    for layer in range(3):
        x = F.relu(F.linear(x, p[f"{layer}.weight"], p[f"{layer}.bias"]))
    return F.linear(x, p["3.weight"], p["3.bias"])


def attention(p, path, x):
    batch, tokens, width = x.shape
    qkv = F.linear(x, p[f"{path}.qkv.weight"], p[f"{path}.qkv.bias"])
    q, k, v = qkv.view(batch, tokens, 3, HEADS, width // HEADS).permute(2, 0, 3, 1, 4).unbind(0)
    pattern = torch.softmax((q * (width // HEADS) ** -0.5) @ k.transpose(-2, -1), dim=-1)
    z = (pattern @ v).transpose(1, 2).reshape(batch, tokens, width)
    return F.linear(z, p[f"{path}.out.weight"], p[f"{path}.out.bias"])


def norm(p, path, x):
    return F.layer_norm(x, x.shape[-1:], p[f"{path}.weight"], p[f"{path}.bias"], 1e-5)


def transformer(p, x):
    for block in range(BLOCKS):
        path = f"blocks.{block}"
        x = x + attention(p, f"{path}.attn", norm(p, f"{path}.norm1", x))
        hidden = F.linear(norm(p, f"{path}.norm2", x), p[f"{path}.mlp.0.weight"], p[f"{path}.mlp.0.bias"])
        x = x + F.linear(F.gelu(hidden), p[f"{path}.mlp.1.weight"], p[f"{path}.mlp.1.bias"])
    return x


def conv(p, x):
    for layer in range(4):
        x = F.relu(F.conv2d(x, p[f"convs.{layer}.weight"], p[f"convs.{layer}.bias"], padding=1))
    return F.linear(x.mean(dim=(2, 3)), p["head.weight"], p["head.bias"])


def generator(p, x):
    """The network of src/models/idempotent, batch norms in training mode."""

    def normed(x, path):
        return F.batch_norm(x, None, None, p[f"{path}.norm.weight"], p[f"{path}.norm.bias"], training=True, eps=1e-5)

    layers = sum(name.startswith("down.") and name.endswith(".conv.weight") for name in p)
    for i in range(layers):
        x = F.conv2d(x, p[f"down.{i}.conv.weight"], p.get(f"down.{i}.conv.bias"), stride=2, padding=1)
        x = F.leaky_relu(normed(x, f"down.{i}") if i > 0 else x, 0.2)
    x = F.conv2d(x, p["latent.in.weight"], p["latent.in.bias"])
    x = F.relu(normed(F.conv_transpose2d(x, p["latent.out.weight"]), "latent.out"))
    for i in range(layers):
        x = F.conv_transpose2d(x, p[f"up.{i}.conv.weight"], p.get(f"up.{i}.conv.bias"), stride=2, padding=1)
        x = F.relu(normed(x, f"up.{i}")) if i < layers - 1 else torch.tanh(x)
    return x


def idempotent(p, x, z):
    """Listing 1 of the paper; the frozen copy shares the weights' memory, which saves PyTorch copying them."""
    frozen = {name: tensor.detach() for name, tensor in p.items()}
    u = generator(p, z)
    given = u.detach()
    tight = -F.mse_loss(generator(p, given), given)
    return F.mse_loss(generator(p, x), x) + F.mse_loss(generator(frozen, u), u) + 0.1 * tight


LOSSES = {
    "mlp": lambda p, x, target: F.mse_loss(mlp(p, x), target),
    "transformer": lambda p, x, target: F.mse_loss(transformer(p, x), target),
    "conv": lambda p, x, target: F.cross_entropy(conv(p, x), target),
    "idempotent": idempotent,
}
CONVOLUTIONAL = ("conv", "idempotent")


def make_step(model, tensors, channels_last, foreach):
    """A function that takes one step of training and returns the loss before it."""
    measure_loss = LOSSES[model]
    layout = torch.channels_last if channels_last else torch.contiguous_format
    copies = {n: t.clone(memory_format=layout) if t.dim() == 4 else t.clone() for n, t in tensors.items()}
    x, target = copies.pop("input.x"), copies.pop("input.target")
    target = target.long() if target.dtype == torch.int32 else target
    parameters = {name: tensor.requires_grad_() for name, tensor in copies.items()}
    adam = torch.optim.Adam(parameters.values(), lr=1e-3, foreach=foreach)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = measure_loss(parameters, x, target)
        loss.backward()
        adam.step()
        return loss.item()

    return step


def blas():
    """The library of matrix products that is loaded; Debian's default, the reference, is 20 times slower than others."""
    with open("/proc/self/maps") as maps:
        text = maps.read()
    return next((name for name in ("openblas", "mkl_", "blis") if name in text), "the slow reference BLAS")


def seconds_of(step):
    step()
    times = []
    for _ in range(3):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return min(times)


def main():
    model, path, threads = sys.argv[1:]
    # A terminal sends Ctrl-C to this process too; who started it ends it then.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.manual_seed(0)
    torch.set_num_threads(int(threads))
    tensors = read_tensors(path)
    # Its best form on this machine: one that is tried first, and not the one that is measured.
    forms = [(last, foreach) for last in ([False, True] if model in CONVOLUTIONAL else [False]) for foreach in (False, True)]
    form = min(forms, key=lambda form: seconds_of(make_step(model, tensors, *form)))
    step = make_step(model, tensors, *form)
    note = f"{blas()}, foreach={form[1]}" + (f", {'channels last' if form[0] else 'channels first'}" if model in CONVOLUTIONAL else "")

    def measure():
        start = time.perf_counter()
        loss = step()
        milliseconds = (time.perf_counter() - start) * 1e3
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        answer = {"milliseconds": milliseconds, "peakBytes": peak, "loss": loss, "note": note}
        print(json.dumps(answer), flush=True)

    measure()
    for line in sys.stdin:
        if line.strip() == "run":
            measure()


main()
