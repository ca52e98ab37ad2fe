"""What communities publish: the texts of volunteer tasks over the five leads (五带头)."""

from dataclasses import dataclass

from tasks.models.task import Category

ACTIVITY, STEWARD = Category.COMMUNITY_ACTIVITY, Category.RED_STEWARD
HELPERS, SUGGESTION = Category.HELPER_GROUP, Category.SUGGESTION
FEW = 4
ALL_YEAR = tuple(range(1, 13))


@dataclass(frozen=True)
class Offer:
    """A task as it is written. `{community}` and `{place}` in the place are filled in; `few` people are enough."""

    category: str
    title: str
    content: str
    place: str
    served: str
    requirements: str = ""
    risk_note: str = ""
    few: bool = False
    months: tuple[int, ...] = ALL_YEAR


OFFERS = (
    Offer(
        ACTIVITY,
        "周末大扫除，一起清理楼道",
        "楼道里堆着旧纸箱和自行车，和邻居们一起搬走、扫干净。工具由社区准备。",
        "{place}各单元楼道",
        "住在楼里的居民",
        risk_note="搬重物两人一组，注意脚下。",
    ),
    Offer(
        ACTIVITY,
        "元宵节家庭手工灯笼制作",
        "带孩子们一起扎灯笼，材料已备好，请志愿者提前半小时到场布置。",
        "{community}文化家园",
        "社区里的孩子和家长",
        months=(1, 2),
    ),
    Offer(
        ACTIVITY,
        "反诈宣传进小区",
        "在小区门口摆摊，给老人讲常见的电话骗局，帮忙装好反诈应用。",
        "{place}北门",
        "小区里的老年人",
        requirements="普通话或本地话流利，耐心。",
    ),
    Offer(
        ACTIVITY,
        "四点半课堂值守",
        "放学后孩子先到社区来，陪他们写作业、下棋，等家长来接。",
        "{community}文化家园二楼",
        "双职工家庭的小学生",
    ),
    Offer(
        ACTIVITY,
        "重阳节包饺子，陪老人过节",
        "和面、拌馅、包饺子，陪老人聊聊天。不会包也没关系，现场有人教。",
        "{community}老年食堂",
        "社区里的独居老人",
        requirements="请提前洗净双手，戴好口罩。",
        months=(10,),
    ),
    Offer(
        ACTIVITY,
        "垃圾分类桶边引导",
        "早高峰在投放点提醒大家分类，遇到不会分的邻居，耐心讲一讲。",
        "{place}投放点",
        "小区全体居民",
    ),
    Offer(
        ACTIVITY,
        "暑期亲子阅读会",
        "给孩子们读绘本、讲故事，每人认领一本，提前熟悉内容。",
        "{community}图书角",
        "三到八岁的孩子",
        months=(7, 8),
    ),
    Offer(
        ACTIVITY,
        "社区义诊，帮忙引导和登记",
        "市人民医院的医生来义诊，需要志愿者维持秩序、扶老人上下台阶。",
        "{community}广场",
        "行动不便的居民",
    ),
    Offer(
        ACTIVITY,
        "植树补绿，给小区添几棵树",
        "小区花坛空了几块，春天正好补种。树苗和铁锹由社区准备。",
        "{place}中心花园",
        "小区全体居民",
        requirements="穿旧衣服和运动鞋。",
        months=(3, 4, 11),
    ),
    Offer(
        ACTIVITY,
        "邻里节搬桌子、搭台子",
        "一年一度的邻里节，帮忙布置场地，活动后一起收拾。",
        "{community}广场",
        "社区全体居民",
    ),
    Offer(
        ACTIVITY,
        "防汛沙袋装运",
        "台风要来，地下车库入口需要堆沙袋，大家一起动手，两小时能干完。",
        "{place}地下车库入口",
        "小区有车和住一楼的居民",
        risk_note="雨天路滑，听从现场安排，雷雨时撤离。",
        months=(6, 7, 8, 9),
    ),
    Offer(
        ACTIVITY,
        "守护“小门”，高峰时段搭把手",
        "上下班高峰小门人多车多，请志愿者帮忙疏导，照看过马路的孩子。",
        "{place}小门",
        "出入小区的居民",
    ),
    Offer(
        ACTIVITY,
        "消防演练，扮演被疏散的居民",
        "配合消防队做一次疏散演练，熟悉逃生路线，结束后学用灭火器。",
        "{place}",
        "住高层的居民",
    ),
    Offer(
        STEWARD,
        "楼道长夜间巡楼",
        "检查楼道灯、消防通道和电动车充电，发现问题拍照报给社区。",
        "{place}",
        "住在楼里的居民",
        few=True,
    ),
    Offer(
        STEWARD,
        "认管健身器材，擦一擦紧一紧",
        "给健身角的器材擦灰、紧螺丝，坏了的贴上提示并报修。",
        "{place}健身角",
        "每天锻炼的居民",
        few=True,
    ),
    Offer(
        STEWARD,
        "兼职网格员走访新搬来的住户",
        "上门认识新邻居，送一张社区联系卡，问问有什么需要帮忙。",
        "{place}",
        "新搬来的住户",
        few=True,
    ),
    Offer(
        STEWARD,
        "非机动车棚整理",
        "把停乱的自行车、电动车摆整齐，无主车辆贴上认领单。",
        "{place}车棚",
        "骑车上下班的居民",
    ),
    Offer(
        STEWARD,
        "红管家集中巡查消防通道",
        "分组把每栋楼的消防通道走一遍，把堵住通道的杂物清出来。",
        "{place}",
        "住在楼里的居民",
        risk_note="不进配电间，不碰电器。",
    ),
    Offer(
        HELPERS,
        "帮帮团上门修小家电",
        "会修电饭煲、电风扇的来，社区提供工具和插座，修不好的给个建议。",
        "{community}便民服务点",
        "家里有旧电器的居民",
        requirements="有电工基础。",
        risk_note="先断电再拆机。",
    ),
    Offer(
        HELPERS,
        "睦邻社义务理发",
        "给腿脚不便的老人理发，需要理发师傅和帮忙扫地、烧水的人。",
        "{community}老年活动室",
        "七十岁以上的老人",
    ),
    Offer(
        HELPERS,
        "送餐小分队，给老人送午饭",
        "从老年食堂取餐，送到老人家里，顺便看看老人好不好。",
        "{community}老年食堂",
        "出不了门的老人",
        few=True,
    ),
    Offer(
        HELPERS,
        "法律咨询帮帮团坐班",
        "懂法律的邻居轮流坐班，解答物业、继承、劳动方面的问题。",
        "{community}会客厅",
        "有法律问题的居民",
        requirements="法律相关工作。",
        few=True,
    ),
    Offer(
        HELPERS,
        "文艺帮帮团排练合唱",
        "教社区合唱队排练新歌，有乐器的带上乐器。",
        "{community}文化家园",
        "爱唱歌的居民",
    ),
    Offer(
        HELPERS,
        "旧衣物分拣打包",
        "把捐来的衣物分类、消毒、打包，寄给需要的家庭。",
        "{community}爱心驿站",
        "生活困难的家庭",
    ),
    Offer(
        SUGGESTION,
        "小区停车怎么停，一起来商量",
        "车位不够，大家坐下来想办法，请提前看看小区现状，带上你的点子。",
        "{community}议事厅",
        "小区有车和没车的居民",
        few=True,
    ),
    Offer(
        SUGGESTION,
        "旧楼加装电梯意见征求",
        "和楼里的邻居面对面聊，把各家的顾虑记下来，整理成一页纸。",
        "{place}议事亭",
        "住在老楼高层的居民",
        few=True,
    ),
    Offer(
        SUGGESTION,
        "口袋公园改造金点子会",
        "空地要改成口袋公园，请懂设计、爱种花的邻居来出主意。",
        "{community}议事厅",
        "住在附近的居民",
    ),
)
MANY_OFFERS = tuple(offer for offer in OFFERS if not offer.few)
FEW_OFFERS = tuple(offer for offer in OFFERS if offer.few)


def in_season(offers: tuple[Offer, ...], month: int) -> list[Offer]:
    """Those that make sense in that month: no lanterns in June, no sandbags in January."""
    return [offer for offer in offers if month in offer.months]
