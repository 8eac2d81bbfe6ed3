"""Small stories in Chinese, by our own grammar: a child, a friend, a thing and an animal that return all through.

Spaces in templates show where the words are; the stories have none.
"""

from functools import cache

from models.text import Text
from playground.data.base import OURS, Corpus, Request, TextSource
from playground.data.grammar import Grammar, Reader
from playground.data.tales import corpus_of

WORDS = {
    "person: name, he": [
        "小明, 他",
        "小红, 她",
        "小雨, 她",
        "阿宝, 他",
        "豆豆, 他",
        "乐乐, 他",
        "婷婷, 她",
        "冬冬, 他",
        "圆圆, 她",
        "秀秀, 她",
    ],
    "trait": ["勇敢", "善良", "聪明", "害羞", "好奇", "勤快"],
    "thing: name, one, this, that": [
        "风筝, 一 只 红 风筝, 这 只 风筝, 那 只 风筝",
        "木船, 一 条 小 木船, 这 条 木船, 那 条 木船",
        "铃铛, 一 个 银 铃铛, 这 个 铃铛, 那 个 铃铛",
        "围巾, 一 条 蓝 围巾, 这 条 围巾, 那 条 围巾",
        "皮球, 一 个 花 皮球, 这 个 皮球, 那 个 皮球",
        "雨伞, 一 把 黄 雨伞, 这 把 雨伞, 那 把 雨伞",
        "灯笼, 一 盏 圆 灯笼, 这 盏 灯笼, 那 盏 灯笼",
        "笛子, 一 支 竹 笛子, 这 支 笛子, 那 支 笛子",
        "草帽, 一 顶 新 草帽, 这 顶 草帽, 那 顶 草帽",
        "木马, 一 匹 小 木马, 这 匹 木马, 那 匹 木马",
    ],
    "animal": ["小狐狸", "小兔子", "小刺猬", "小松鼠", "小花猫", "小鸭子", "小鹿", "小狗熊"],
    "place": ["河 边", "山坡 上", "树林 里", "村子 里", "湖 边", "田野 上", "山脚 下", "海 边"],
    "spot": ["石头 后面", "大树 下", "草丛 里", "桥洞 下", "木箱 里", "墙角 里", "床 底下", "磨坊 里"],
    "food": ["馒头", "花生", "苹果", "蜂蜜", "月饼", "米糕", "饺子", "野果"],
    "time": ["清晨", "中午", "傍晚", "夜里", "午后"],
    "weather: heavy, plain": ["大雨, 雨", "大雪, 雪", "冰雹, 冰雹"],
}

RULES = {
    "story": ["{opening}{plot}{ending}\n\n"],
    "opening": [
        "从前 ， {=place} 住 着 一 个 {=trait} 的 孩子 ， 名叫 {hero=person} 。",
        "很久 以前 ， 有 个 孩子 叫 {hero=person} ， 家 住 {=place} 。",
        "在 {=place} 的 小屋 里 ， 住 着 {hero=person} 。",
        "{hero=person} 是 个 {=trait} 的 孩子 。",
    ],
    "plot": [
        "{owning}{loss}{search}{meeting}{asking}{finding}",
        "{birthday}{wish}{making}{giving}{joy}",
        "{arrival}{plea}{help}{visit}{thanks}",
        "{storm}{shelter}{fear}{comfort}{clearing}",
    ],
    "owning": [
        "{hero.he} 有 {thing=thing.one} ， 天天 带 在 身边 。",
        "{hero.he} 最 喜欢 的 玩具 是 {thing=thing.one} 。",
        "爷爷 送 给 {hero.he} {thing=thing.one} 。",
    ],
    "loss": [
        "一 天 {=time} ， {thing} 不见 了 。",
        "谁知 一 阵 大风 把 {thing} 吹 走 了 。",
        "可是 {hero.he} 在 {=place} 把 {thing} 弄 丢 了 。",
    ],
    "search": [
        "{hero.he} 在 {first=spot} 找 ， 又 去 {second=spot} 找 ， 都 没有 找到 。",
        "{hero.he} 急 得 哭 了 起来 。",
        "“ 我 的 {thing} 在 哪里 呢 ？ ” {hero} 想 。",
    ],
    "meeting": [
        "这时 ， {friend=person} 走 了 过来 。",
        "{hero.he} 在 {=place} 遇见 了 {friend=person} 。",
        "{friend=person} 看见 {hero.he} ， 停 了 下来 。",
    ],
    "asking": [
        "“ 你 看见 {thing.that} 了 吗 ？ ” {hero} 问 。",
        "“ 别 着急 ， {hero} ！ ” {friend} 说 。",
        "“ 我们 一起 找 吧 。 ” {friend} 说 。",
    ],
    "finding": [
        "两 人 来到 {=place} ， 在 {=spot} 找到 了 {thing} 。",
        "{friend} 往 {=spot} 一 看 ， {thing} 就 在 那里 ！",
        "原来 ， {thing} 就 在 {=spot} 。",
    ],
    "birthday": [
        "过 几 天 就是 {friend=person} 的 生日 。",
        "{hero.he} 的 好 朋友 {friend=person} 生病 了 。",
    ],
    "wish": [
        "{hero} 想 送 {friend.he} {thing=thing.one} 。",
        "{hero} 答应 给 {friend.he} 做 {thing=thing.one} 。",
    ],
    "making": [
        "{hero.he} 忙 了 整整 一 天 ， 终于 做好 了 。",
        "{hero.he} 去 {=place} 找 材料 ， 忙 到 {=time} 。",
        "{hero.he} 用 {=food} 换 来 了 {thing} 。",
    ],
    "giving": [
        "“ {thing.this} 送 给 你 。 ” {hero} 说 。",
        "{hero} 悄悄 把 {thing} 放 在 {=spot} 。",
        "{hero} 把 {thing} 交 给 了 {friend} 。",
    ],
    "joy": [
        "{friend} 高兴 得 跳 了 起来 。",
        "“ 多 漂亮 的 {thing} 啊 ！ ” {friend} 说 。",
        "“ 我 早就 想 要 {thing} 了 。 ” {friend} 说 。",
    ],
    "arrival": [
        "一 天 {=time} ， {hero.he} 在 {=spot} 发现 了 一 只 {animal=animal} 。",
        "在 {=place} ， {hero.he} 遇见 了 一 只 {animal=animal} 。",
    ],
    "plea": [
        "“ 我 迷路 了 。 ” {animal} 说 。",
        "“ 我 好 饿 啊 。 ” {animal} 说 。",
        "{animal} 又 冷 又 累 。",
    ],
    "help": [
        "{hero} 给 {animal} 吃 了 {=food} 。",
        "{hero} 把 {animal} 抱 回 了 家 。",
    ],
    "visit": [
        "{friend=person} 也 来 了 ， 还 带 来 {thing=thing.one} 。",
        "{friend=person} 送 给 {animal} {thing=thing.one} 。",
    ],
    "thanks": [
        "“ 你们 真 好 。 ” {animal} 说 。",
        "{animal} 给 {hero} 和 {friend} 跳 了 一 支 舞 。",
        "后来 ， {animal} 就 住 在 {hero} 家 里 。",
    ],
    "storm": [
        "一 天 {=time} ， 忽然 下 起 了 {weather=weather} 。",
        "乌云 来 了 ， 天上 下 起 了 {weather=weather} 。",
    ],
    "shelter": [
        "{hero} 和 {friend=person} 躲 在 {=spot} 。",
        "{friend=person} 叫 {hero} 快 进 屋 。",
    ],
    "fear": [
        "“ 我 有点 害怕 。 ” {hero} 说 。",
        "“ {weather.plain} 什么 时候 停 呢 ？ ” {hero} 问 。",
        "{hero} 紧紧 拉 住 {friend} 的 手 。",
    ],
    "comfort": [
        "{friend} 拿 出 {thing=thing.one} ， 还有 {=food} 。",
        "{friend} 给 {hero.he} 看 {thing=thing.one} 。",
    ],
    "clearing": [
        "不久 ， {weather.plain} 停 了 ， 太阳 出来 了 。",
        "两 人 玩 着 {thing} ， 一直 玩 到 {weather.plain} 停 。",
    ],
    "ending": [
        "{hero} 抱 住 {friend} ， 开心 地 笑 了 。",
        "从此 ， {hero} 和 {friend} 成 了 好 朋友 。",
        "那天 夜里 ， {hero} 梦见 了 {thing.that} 。",
        "两 人 一起 吃 了 {=food} ， 高高兴兴 地 回家 了 。",
        "“ 谢谢 你 ， {friend} ！ ” {hero} 说 。",
    ],
}


class TalesZh(TextSource):
    name = "tales-zh"
    title = Text("Tales in Chinese", "中文小故事")
    help = Text(
        "Small Chinese stories from our own grammar: readable samples after seconds, and an exact floor for the loss.",
        "由我们自己的概率文法生成的中文小故事：训练几秒就能写出读得通的样本，损失的下限也精确可知。",
    )
    # What follows is clear to who has learnt to look back.
    example = "她有一只红风筝，天天带在身边。一天中午，"
    characters = 271
    license = OURS
    order = 20

    def corpus(self, request: Request) -> Corpus:
        return corpus_of(self.name, reader())

    def score(self, text: str) -> dict[str, float]:
        return reader().score(text)


@cache
def reader() -> Reader:
    """The grammar of the tales, to write and to read with."""
    return Reader(Grammar(WORDS, RULES, spaced=False))
