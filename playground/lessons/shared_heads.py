"""MHA, GQA, MQA: loss, cache, decoding speed, recall."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import costs, ending, speed
from playground.ruling import Lies

SHAPE = "llama-3,shape.layers=3,heads.query=8"
RECALL = "gpt-2,shape.layers=2,shape.width=64,shape.context=31,heads.query=4,layout.feed_forward=off"
KINDS = {
    "mha": (8, 4, Text("MHA", "MHA")),
    "gqa": (2, 2, Text("GQA", "GQA")),
    "mqa": (1, 1, Text("MQA", "MQA")),
}


def _recall(title: Text) -> Text:
    return Text(f"{title.en} on recall", f"{title.zh}，联想回忆")


register(
    Lesson(
        id="shared-heads",
        order=24,
        theme="attention",
        title=Text("GQA keeps MHA's loss with a fraction of the cache.", "GQA 用几分之一的缓存保住 MHA 的损失。"),
        said=Text(
            "One key/value head (MQA) makes the cache smallest and decoding fastest, for a small loss; a few (GQA) "
            "lose "
            "next to nothing.",
            "只有一个键值头（MQA）时缓存最小、解码最快，损失略增；有几个键值头（GQA）时几乎不增。",
        ),
        by=Text(
            "Shazeer 2019, arXiv:1911.02150; Ainslie et al. 2023 (GQA), arXiv:2305.13245, Figure 3; CS336 lecture 3, "
            "on MQA and GQA",
            "Shazeer 2019, arXiv:1911.02150；Ainslie et al. 2023（GQA），arXiv:2305.13245，图 3；CS336 第 3 "
            "讲“MQA 与 GQA”",
        ),
        figure=Text(
            "Perplexity 29.9 with MHA against 30.2 with MQA; and quality against time, where GQA lies close to MHA's "
            "quality and MQA's speed.",
            "困惑度：MHA 29.9，MQA 30.2；以及质量—时间图，GQA 的质量接近 MHA，速度接近 MQA。",
        ),
        trials=(
            Trial(
                {key: Arm(f"{SHAPE},heads.kv={kv}", title) for key, (kv, _, title) in KINDS.items()},
                (92_160, 460_800),
            ),
            Trial(
                {
                    f"{key}-recall": Arm(f"{RECALL},heads.kv={kv}", _recall(title))
                    for key, (_, kv, title) in KINDS.items()
                },
                (793_600, 1_587_200),
                {"data": "recall", "batch": "64", "schedule": "constant", "warmup": "50", "warmup_share": "0.2"},
            ),
        ),
        rule=(
            Lies("cache", "mha", over="gqa", above=3.0),
            Lies("loss", "gqa", minus="mha", below=0.03),
            Lies("decode_speed", "mqa", over="mha", above=1.0),
            Lies("accuracy", "mha-recall", minus="mqa-recall", below=0.1),
        ),
        measures=(ending.loss, ending.accuracy, costs.counted),
        races=(speed.decoding,),
        small=Text(
            "Decoding is fast because of the cache only where reading it is what takes the time, with long contexts "
            "and "
            "many sequences; at 64 tokens it hardly is. Fewer key/value heads also mean fewer parameters here.",
            "只有读缓存才是瓶颈时（长上下文、多序列），缓存小才会解码快；64 个词元时并非如此。"
            "这里键值头少也意味着参数少。",
        ),
        look=Text(
            "Loss beside cache; and whether recall, which lives on attention, suffers.",
            "损失与缓存并看；以及依赖注意力的联想回忆是否受损。",
        ),
        plots=(Plot("loss"), Plot("cache"), Plot("decode_speed"), Plot("accuracy")),
    )
)
