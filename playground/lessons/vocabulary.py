"""A larger vocabulary reads more text for the same FLOPs."""

from models.text import Text
from playground.lessons.base import Arm, Lesson, Plot, Trial, register
from playground.measure import ending, speed
from playground.ruling import Lies

SIZES = (300, 600, 1200, 2400)

register(
    Lesson(
        id="vocabulary",
        order=18,
        theme="shape",
        title=Text(
            "A larger vocabulary pays, in bits per byte and in bytes a second.",
            "更大的词表在比特/字节与每秒字节数上都划算。",
        ),
        said=Text(
            "With more tokens to choose from a text is shorter, so the same FLOPs read more of it; vocabularies have "
            "grown to 100,000 and more.",
            "词表越大文本越短，同样的 FLOPs 能读更多内容；词表已增长到 10 万以上。",
        ),
        by=Text(
            "Tao et al. 2024, Scaling Laws with Vocabulary, arXiv:2407.13623; CS336 lecture 3, on vocabulary sizes",
            "Tao et al. 2024, arXiv:2407.13623；CS336 第 3 讲“词表大小”",
        ),
        figure=Text(
            "A table of vocabularies: 30 to 50 thousand for one language, 100 to 250 thousand for many.",
            "一张词表大小的表：单语 3 万到 5 万，多语 10 万到 25 万。",
        ),
        trials=(
            Trial(
                {
                    f"{size}": Arm(
                        f"llama-3,shape.layers=2,shape.width=64,shape.vocabulary={size}",
                        Text(f"{size:,}", f"{size:,}"),
                        size,
                    )
                    for size in SIZES
                },
                (1.5e11, 6e11),
                {"tokenizer": "bpe", "data": "python-docs"},  # the tales have no more than 714 tokens to find
                "flops",
            ),
        ),
        rule=(
            Lies("bits_per_byte", "300", minus="1200", above=0.0),
            Lies("byte_speed", "1200", over="300", above=1.2),
        ),
        measures=(ending.bits_per_byte,),
        races=(speed.training_in_bytes,),
        small=Text(
            "In so small a model the head soon takes most of the FLOPs, so fewer bytes a second are read again where "
            "the vocabulary is largest.",
            "模型这么小，输出头很快占去大部分 FLOPs，所以词表最大时每秒读到的字节又变少。",
        ),
        look=Text("Where the curve turns, if it does.", "曲线是否转折，在哪里转折。"),
        plots=(
            Plot("bits_per_byte", Text("vocabulary", "词表大小"), log=True),
            Plot("byte_speed", Text("vocabulary", "词表大小"), log=True),
        ),
    )
)
