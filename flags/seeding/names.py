"""Names of people who do not exist."""

from random import Random

SURNAMES = (
    "王王王王李李李李张张张张刘刘刘陈陈陈杨杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶"
    "阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
)
LATER = "伟芳娜敏静丽强磊军洋艳勇杰娟涛明超霞平刚桂文辉玲华建国红梅燕波斌宇浩凯倩婷雪琳晨阳博涵轩怡欣佳慧颖莹宁岚琴云飞鹏志海东林峰"
FIRST = "晓文志建国海俊雅思梦子春秋玉美丽嘉佳雨天一永振新家景德秀淑彩少光立承书若安怀启"


def draw_name(rng: Random) -> str:
    """A surname as frequent as in life and one or, more often, two characters."""
    given = rng.choice(LATER) if rng.random() < 0.25 else rng.choice(FIRST) + rng.choice(LATER)
    return rng.choice(SURNAMES) + given
