# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.12
# Plain Python is enough: the packages of torch and ONNX Runtime bring CUDA along, the host brings the driver.
FROM python:${PYTHON_VERSION}-slim-bookworm

# Without a GPU: TORCH_INDEX=<address of PyTorch's CPU index> REQUIREMENTS=requirements-cpu.txt
ARG TORCH_INDEX=""
ARG REQUIREMENTS=requirements.txt
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PIP_DISABLE_PIP_VERSION_CHECK=1 \
    GRADIO_SERVER_NAME=0.0.0.0 GRADIO_SERVER_PORT=7860 GRADIO_ANALYTICS_ENABLED=False HF_HUB_DISABLE_TELEMETRY=1 \
    NVIDIA_VISIBLE_DEVICES=all NVIDIA_DRIVER_CAPABILITIES=compute,utility

# Spaces runs containers as user 1000. The folders exist before volumes and caches are mounted on them, or root would own them.
RUN useradd --create-home --uid 1000 user \
    && mkdir -p /home/user/app /home/user/.architecture-playground /home/user/.cache/pip \
    && chown -R 1000:1000 /home/user
USER 1000
ENV HOME=/home/user PATH=/home/user/.local/bin:$PATH
WORKDIR /home/user/app

# The packages stand in a layer of their own, which a change of our code leaves in the cache.
COPY --chown=1000 requirements*.txt ./
RUN --mount=type=cache,target=/home/user/.cache/pip,uid=1000 \
    if [ -n "$TORCH_INDEX" ]; then pip install --user "torch>=2.11,<2.14" --index-url "$TORCH_INDEX"; fi \
    && pip install --user -r "$REQUIREMENTS"
COPY --chown=1000 . .

EXPOSE 7860
# GET, not HEAD: Gradio answers HEAD with 405.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:7860/gradio_api/startup-events', timeout=4)"]
CMD ["python", "app.py"]
